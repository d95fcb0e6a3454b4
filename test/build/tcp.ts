import { concat, padding, u16, u32 } from "./octets.ts";
import type { TcpOptions, TestSegment } from "./segment.ts";

/** tcpdump's letters, from the lowest bit of the header up: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, AE. */
const FLAG_LETTERS = "FSRP.UEWe";

const HEADER_OCTETS = 20;
const OPTIONS_OCTETS_MAX = 40;
const DEFAULT_WINDOW = 64240;

/** RFC 9293 §3.1. The checksum is left zero: it covers the addresses, which are IP's. */
export function tcpOctets(segment: TestSegment): Uint8Array {
  const options = optionOctets(segment.options ?? {});
  if (options.length > OPTIONS_OCTETS_MAX) {
    throw new Error(`TCP options have ${options.length} octets, there is room for ${OPTIONS_OCTETS_MAX}`);
  }
  const offset = (HEADER_OCTETS + options.length) / 4;
  return concat(
    u16(segment.from.port),
    u16(segment.to.port),
    u32(segment.seq),
    u32(segment.ack),
    u16((offset << 12) | flagBits(segment.flags)),
    u16(segment.window ?? DEFAULT_WINDOW),
    u16(0),
    u16(segment.urgentPointer ?? 0),
    options,
    payloadOctets(segment),
  );
}

/** Nine bits, as in the header; throws on a letter that tcpdump does not print. */
export function flagBits(flags: string): number {
  let bits = 0;
  for (const letter of flags) {
    const bit = FLAG_LETTERS.indexOf(letter);
    if (bit < 0) throw new Error(`expected TCP flags out of "${FLAG_LETTERS}", found "${letter}" in "${flags}"`);
    bits |= 1 << bit;
  }
  return bits;
}

/** Each option is aligned with NOPs as common stacks do; the whole is padded to 32 bits. */
function optionOctets({ mss, sackPermitted, timestamps, windowScale, sack = [] }: TcpOptions): Uint8Array {
  const NOP = 1;
  const parts: (Uint8Array | number[])[] = [];
  if (mss !== undefined) parts.push([2, 4], u16(mss));
  if (sackPermitted) parts.push([4, 2]);
  if (timestamps) {
    if (!sackPermitted) parts.push([NOP, NOP]);
    parts.push([8, 10], u32(timestamps.value), u32(timestamps.echo));
  }
  if (windowScale !== undefined) parts.push([NOP, 3, 3, windowScale]);
  if (sack.length > 0) parts.push([NOP, NOP, 5, 2 + 8 * sack.length]);
  for (const [left, right] of sack) parts.push(u32(left), u32(right));
  const octets = concat(...parts);
  return concat(octets, padding(octets.length, 4));
}

function payloadOctets({ seq, length }: TestSegment): Uint8Array {
  const LETTER_A = 0x61;
  return new Uint8Array(length).map((_, index) => LETTER_A + (((seq + index) >>> 0) % 26));
}
