import { addressOctets, isIpv6 } from "./endpoint.ts";
import { concat, internetChecksum, padding, u16, u32 } from "./octets.ts";

export const PROTOCOL = { TCP: 6, UDP: 17, FRAGMENT: 44, HOP_BY_HOP: 0, ROUTING: 43, DESTINATION: 60 } as const;

const LENGTH_MAX = 0xffff;
const DEFAULT_TTL = 64;

/** What both versions of IP need to know. */
export interface DatagramFields {
  /** Addresses as text; they choose the version. */
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly ttl?: number;
}

export interface Ipv4Fields {
  readonly id?: number;
  /** True unless the datagram is a fragment. */
  readonly dontFragment?: boolean;
  readonly moreFragments?: boolean;
  /** In octets; a multiple of 8. */
  readonly fragmentOffset?: number;
  /** Octets of options; padded to 32 bits. */
  readonly options?: Uint8Array;
  /** What the header says instead of the truth. A datagram too long for the field says 0 by itself, as offload does. */
  readonly totalLength?: number;
}

export interface Ipv6Fields {
  readonly flowLabel?: number;
  /** In the order on the wire. */
  readonly extensions?: readonly Ipv6Extension[];
  /** What the header says instead of the truth; 0 by itself when too long for the field. */
  readonly payloadLength?: number;
}

/** An extension header. The first octet, the next header's number, is filled in where the chain is built. */
export interface Ipv6Extension {
  readonly type: number;
  readonly octets: Uint8Array;
}

export function ipDatagram(fields: DatagramFields, v4: Ipv4Fields = {}, v6: Ipv6Fields = {}): Uint8Array {
  return isIpv6(fields.from) ? ipv6Datagram(fields, v6) : ipv4Datagram(fields, v4);
}

/** RFC 791 §3.1 */
export function ipv4Datagram({ from, to, protocol, payload, ttl }: DatagramFields, v4: Ipv4Fields = {}): Uint8Array {
  const { id = 0, moreFragments = false, fragmentOffset = 0, options = new Uint8Array() } = v4;
  const { dontFragment = !moreFragments && fragmentOffset === 0 } = v4;
  const allOptions = concat(options, padding(options.length, 4));
  const headerLength = 20 + allOptions.length;
  const length = headerLength + payload.length;
  const header = concat(
    [0x40 | (headerLength / 4), 0],
    u16(v4.totalLength ?? (length > LENGTH_MAX ? 0 : length)),
    u16(id),
    u16((dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | (fragmentOffset / 8)),
    [ttl ?? DEFAULT_TTL, protocol, 0, 0],
    addressOctets(from),
    addressOctets(to),
    allOptions,
  );
  header.set(u16(internetChecksum(header)), 10);
  return concat(header, payload);
}

/** RFC 8200 §3 */
export function ipv6Datagram({ from, to, protocol, payload, ttl }: DatagramFields, v6: Ipv6Fields = {}): Uint8Array {
  const { flowLabel = 0, extensions = [] } = v6;
  const types = [...extensions.map((extension) => extension.type), protocol];
  const chain = concat(
    ...extensions.map(({ octets }, index) => concat([types[index + 1] as number], octets.subarray(1))),
  );
  const length = chain.length + payload.length;
  return concat(
    u32(0x60000000 + flowLabel),
    u16(v6.payloadLength ?? (length > LENGTH_MAX ? 0 : length)),
    [types[0] as number, ttl ?? DEFAULT_TTL],
    addressOctets(from),
    addressOctets(to),
    chain,
    payload,
  );
}

/** RFC 8200 §4.5; the offset is in octets. */
export function fragmentHeader(offset: number, more: boolean, id: number): Ipv6Extension {
  return { type: PROTOCOL.FRAGMENT, octets: concat([0, 0], u16(offset | (more ? 1 : 0)), u32(id)) };
}

/** RFC 8200 §4.3, §4.4, §4.6: `body` follows the length octet; without one the header is all padding. */
export function extensionHeader(
  name: "HOP_BY_HOP" | "ROUTING" | "DESTINATION",
  body: Uint8Array = Uint8Array.of(1, 4, 0, 0, 0, 0),
): Ipv6Extension {
  const octets = concat([0, 0], body, padding(2 + body.length, 8));
  octets[1] = octets.length / 8 - 1;
  return { type: PROTOCOL[name], octets };
}

/** RFC 2675 §2: the length of all that follows the fixed header, this header included. */
export function jumboHeader(payloadLength: number): Ipv6Extension {
  return extensionHeader("HOP_BY_HOP", concat([0xc2, 4], u32(payloadLength)));
}

/** RFC 768. The checksum is left zero: it covers the addresses, which are IP's. */
export function udpOctets(fromPort: number, toPort: number, payload: Uint8Array): Uint8Array {
  return concat(u16(fromPort), u16(toPort), u16(8 + payload.length), u16(0), payload);
}

/** Where TCP and UDP keep the checksum. */
const CHECKSUM_AT: Readonly<Record<number, number>> = { [PROTOCOL.TCP]: 16, [PROTOCOL.UDP]: 6 };

/** RFC 9293 §3.1, RFC 8200 §8.1: the checksum covers a pseudo-header with the addresses. */
export function withChecksum(protocol: number, from: string, to: string, octets: Uint8Array): Uint8Array {
  const pseudoHeader = concat(addressOctets(from), addressOctets(to), u32(octets.length), u32(protocol));
  const checked = octets.slice();
  checked.set(u16(internetChecksum(concat(pseudoHeader, octets))), CHECKSUM_AT[protocol]);
  return checked;
}
