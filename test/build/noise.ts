import type { CaptureFrame } from "./capture-frame.ts";
import { addressOctets, type Endpoint } from "./endpoint.ts";
import { frameOf, type TestSegment, udpFrame } from "./frames.ts";
import { ETHER_TYPE, type LinkOptions, linkFrame } from "./links.ts";
import { concat, u16 } from "./octets.ts";

/** TEST-NET-2 and TEST-NET-3 (RFC 5737): no test's own flow lives there. */
const FROM_IP = "198.51.100.7";
const TO: Endpoint = { ip: "203.0.113.9", port: 443 };
const FIRST_PORT = 20_000;
const PORTS = 10_000;

/** A short connection that closes in order: flags, from the opener?, seq, ack, payload. Relative numbers. */
const CONNECTION: readonly (readonly [flags: string, fromOpener: boolean, seq: number, ack: number, length: number])[] =
  [
    ["S", true, 0, 0, 0],
    ["S.", false, 0, 1, 0],
    [".", true, 1, 1, 0],
    ["P.", true, 1, 1, 20],
    ["F.", true, 21, 1, 0],
    ["F.", false, 1, 22, 0],
    [".", true, 22, 2, 0],
  ];

/**
 * Puts a frame that belongs to nobody behind every `every`-th frame: ARP, UDP, and connections of their own that close in
 * order. Each has the time of the frame in front of it, so that noise never prolongs the observation.
 */
export function withNoise(
  frames: readonly CaptureFrame[],
  { every = 1, ...link }: LinkOptions & { readonly every?: number } = {},
): CaptureFrame[] {
  let sent = 0;
  const noisy = frames.flatMap((frame, index) =>
    (index + 1) % every === 0 ? [frame, { at: frame.at, octets: noiseFrame(sent++, frame.at, link) }] : [frame],
  );
  const last = frames.at(-1);
  // The last connection ends too.
  while (last && sent % CYCLE !== 0) noisy.push({ at: last.at, octets: noiseFrame(sent++, last.at, link) });
  return noisy;
}

/** ARP, UDP, and one connection. */
const CYCLE = CONNECTION.length + 2;

function noiseFrame(index: number, at: bigint, link: LinkOptions): Uint8Array {
  const opener: Endpoint = { ip: FROM_IP, port: FIRST_PORT + (Math.floor(index / CYCLE) % PORTS) };
  const step = CONNECTION[(index % CYCLE) - 2];
  if (step) return frameOf(segmentOf(step, opener, index, at), link);
  return index % CYCLE === 0 && carriesArp(link) ? arpFrame(link) : udpFrame(opener, { ...TO, port: 514 }, link);
}

function segmentOf(step: (typeof CONNECTION)[number], opener: Endpoint, index: number, at: bigint): TestSegment {
  const [flags, fromOpener, seq, ack, length] = step;
  const [own, other] = fromOpener ? [7_000, 9_000] : [9_000, 7_000];
  return {
    at,
    from: fromOpener ? opener : TO,
    to: fromOpener ? TO : opener,
    flags,
    seq: own + seq,
    ack: flags.includes(".") ? other + ack : 0,
    length,
    ipId: (index % 0xffff) + 1,
  };
}

function carriesArp({ link = "EN10MB" }: LinkOptions): boolean {
  return link === "EN10MB" || link === "LINUX_SLL" || link === "LINUX_SLL2";
}

/** RFC 826: who has the address? */
function arpFrame(link: LinkOptions): Uint8Array {
  const sender = concat([0x02, 0, 0, 0, 0, 0x07], addressOctets(FROM_IP));
  const target = concat(new Uint8Array(6), addressOctets(TO.ip));
  return linkFrame(ETHER_TYPE.ARP, concat(u16(1), u16(ETHER_TYPE.IPV4), [6, 4], u16(1), sender, target), link);
}
