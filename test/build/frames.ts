/**
 * Segments to frames, octet by octet, with correct checksums. Nothing here uses the decoder under test: what the two agree
 * on they agree on because the RFCs say so.
 */
import type { Ipv4Fields, Ipv6Fields } from "./datagrams.ts";
import { fragmentHeader, ipDatagram, PROTOCOL, udpOctets, withChecksum } from "./datagrams.ts";
import { isIpv6 } from "./endpoint.ts";
import type { LinkOptions } from "./links.ts";
import { ETHER_TYPE, linkFrame } from "./links.ts";
import { concat, u16, u32 } from "./octets.ts";
import type { TestSegment } from "./segment.ts";
import { tcpOctets } from "./tcp.ts";

export type { Ipv4Fields, Ipv6Extension, Ipv6Fields } from "./datagrams.ts";
export { extensionHeader, fragmentHeader, jumboHeader } from "./datagrams.ts";
export type { Endpoint } from "./endpoint.ts";
export type { Link } from "./links.ts";
export { LINK_TYPES } from "./links.ts";
export type { TcpOptions, TestSegment } from "./segment.ts";

export interface FrameOptions extends LinkOptions {
  readonly ipv4?: Ipv4Fields;
  readonly ipv6?: Ipv6Fields;
  /** Wraps the frame; link and VLANs are then those outside, inside is plain Ethernet. */
  readonly vxlan?: Vxlan;
  /** What the header says instead of the truth: before offload, the captured checksum is wrong. */
  readonly tcpChecksum?: number;
}

/** RFC 7348 */
export interface Vxlan {
  readonly vni: number;
  /** Addresses of the tunnel's ends. */
  readonly from?: string;
  readonly to?: string;
}

const VXLAN_PORT = 4789;
const TCP_CHECKSUM_AT = 16;

export function frameOf(segment: TestSegment, options: FrameOptions = {}): Uint8Array {
  return framed(segment, tcpWithChecksum(segment, options), options.ipv4, options.ipv6, options);
}

/** The frames of a segment whose IP payload is cut into fragments of so many octets (a multiple of 8; the last has the rest). */
export function fragmentsOf(segment: TestSegment, octetsEach: number, options: FrameOptions = {}): Uint8Array[] {
  const whole = tcpWithChecksum(segment, options);
  const frames: Uint8Array[] = [];
  for (let at = 0; at < whole.length; at += octetsEach) {
    const more = at + octetsEach < whole.length;
    const ipv4 = { ...options.ipv4, fragmentOffset: at, moreFragments: more, dontFragment: false };
    const extensions = [...(options.ipv6?.extensions ?? []), fragmentHeader(at, more, segment.ipId ?? 0)];
    const part = whole.subarray(at, at + octetsEach);
    frames.push(framed(segment, part, ipv4, { ...options.ipv6, extensions }, options));
  }
  return frames;
}

/** An unrelated UDP datagram, for traffic around the flows of a test. */
export function udpFrame(from: TestSegment["from"], to: TestSegment["to"], options: LinkOptions = {}): Uint8Array {
  return linkFrame(etherTypeOf(from.ip), udpDatagram(from, to, new Uint8Array(16)), options);
}

function tcpWithChecksum(segment: TestSegment, { tcpChecksum }: FrameOptions): Uint8Array {
  const octets = withChecksum(PROTOCOL.TCP, segment.from.ip, segment.to.ip, tcpOctets(segment));
  if (tcpChecksum !== undefined) octets.set(u16(tcpChecksum), TCP_CHECKSUM_AT);
  return octets;
}

function framed(
  { from, to, ipId, ttl }: TestSegment,
  payload: Uint8Array,
  v4: Ipv4Fields | undefined,
  v6: Ipv6Fields | undefined,
  options: FrameOptions,
): Uint8Array {
  const fields = { from: from.ip, to: to.ip, protocol: PROTOCOL.TCP, payload };
  const datagram = ipDatagram(ttl === undefined ? fields : { ...fields, ttl }, { id: ipId ?? 0, ...v4 }, v6);
  const { vxlan } = options;
  if (!vxlan) return linkFrame(etherTypeOf(from.ip), datagram, options);
  const outerFrom = vxlan.from ?? "172.16.0.1";
  const outer = vxlanDatagram(
    outerFrom,
    vxlan.to ?? "172.16.0.2",
    vxlan.vni,
    linkFrame(etherTypeOf(from.ip), datagram),
  );
  return linkFrame(etherTypeOf(outerFrom), outer, options);
}

/** RFC 7348 §5: flags with the I bit, reserved, VNI, reserved; then the inner frame. */
function vxlanDatagram(from: string, to: string, vni: number, inner: Uint8Array): Uint8Array {
  const payload = concat([0x08, 0, 0, 0], u32(vni * 0x100), inner);
  return udpDatagram({ ip: from, port: 49152 }, { ip: to, port: VXLAN_PORT }, payload);
}

function udpDatagram(from: TestSegment["from"], to: TestSegment["to"], payload: Uint8Array): Uint8Array {
  const octets = withChecksum(PROTOCOL.UDP, from.ip, to.ip, udpOctets(from.port, to.port, payload));
  return ipDatagram({ from: from.ip, to: to.ip, protocol: PROTOCOL.UDP, payload: octets });
}

function etherTypeOf(ip: string): number {
  return isIpv6(ip) ? ETHER_TYPE.IPV6 : ETHER_TYPE.IPV4;
}
