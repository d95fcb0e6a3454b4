import type { Dissection } from "./dissection.ts";
import { IP_PROTOCOL } from "./header-numbers.ts";

/** RFC 8200 §3 */
export const IPV6_HEADER = {
  VERSION: 0,
  PAYLOAD_LENGTH: 4,
  NEXT_HEADER: 6,
  SOURCE: 8,
  DESTINATION: 24,
  OCTETS: 40,
} as const;

/** RFC 8200 §4.3, §4.4, §4.6; RFC 6275 §6.1 (mobility): the length counts units of eight octets beyond the first. */
const EXTENSION = { NEXT_HEADER: 0, LENGTH: 1, OCTETS_MIN: 8 } as const;

/** RFC 8200 §4.5 */
const FRAGMENT = { NEXT_HEADER: 0, OFFSET: 2, IDENTIFICATION: 4, OCTETS: 8 } as const;
const FRAGMENT_OFFSET = 0xfff8;
const MORE_FRAGMENTS = 0x0001;

/** RFC 4302 §2: the length counts units of four octets beyond the first two. */
const AUTHENTICATION = { NEXT_HEADER: 0, LENGTH: 1, OCTETS_MIN: 12 } as const;

export function ipv6(d: Dissection): number {
  const { view, at } = d;
  if (!d.has(IPV6_HEADER.OCTETS)) return d.skip("frame-cut-short");
  if (view.getUint8(at + IPV6_HEADER.VERSION) >>> 4 !== 6) return d.skip("ip-header-malformed");

  // Zero stands for a jumbogram (RFC 2675 §3) or for segmentation offload: then the enclosing length holds.
  const payloadLength = view.getUint16(at + IPV6_HEADER.PAYLOAD_LENGTH);
  if (payloadLength !== 0) d.endAt(at + IPV6_HEADER.OCTETS + payloadLength);

  d.ip = at;
  d.v6 = true;
  d.identification = 0;
  d.at = at + IPV6_HEADER.OCTETS;
  return IP_PROTOCOL + view.getUint8(at + IPV6_HEADER.NEXT_HEADER);
}

/** Hop-by-hop options, routing, destination options, mobility, HIP and Shim6 have the same first two octets. */
export function ipv6Extension(d: Dissection): number {
  const { view, at } = d;
  if (!d.has(EXTENSION.OCTETS_MIN)) return d.skip("frame-cut-short");
  d.at = at + EXTENSION.OCTETS_MIN + view.getUint8(at + EXTENSION.LENGTH) * 8;
  return IP_PROTOCOL + view.getUint8(at + EXTENSION.NEXT_HEADER);
}

export function ipv6Fragment(d: Dissection): number {
  const { view, at } = d;
  if (!d.has(FRAGMENT.OCTETS)) return d.skip("frame-cut-short");
  const protocol = view.getUint8(at + FRAGMENT.NEXT_HEADER);
  const fragment = view.getUint16(at + FRAGMENT.OFFSET);
  const offset = fragment & FRAGMENT_OFFSET;
  const more = (fragment & MORE_FRAGMENTS) !== 0;
  d.at = at + FRAGMENT.OCTETS;
  // RFC 6946: the header alone makes no fragment.
  if (offset === 0 && !more) return IP_PROTOCOL + protocol;
  return d.fragment(protocol, view.getInt32(at + FRAGMENT.IDENTIFICATION), offset, more);
}

/** The authentication header leaves its payload readable; it follows IPv4 as well. */
export function authentication(d: Dissection): number {
  const { view, at } = d;
  if (!d.has(AUTHENTICATION.OCTETS_MIN)) return d.skip("frame-cut-short");
  d.at = at + (view.getUint8(at + AUTHENTICATION.LENGTH) + 2) * 4;
  return IP_PROTOCOL + view.getUint8(at + AUTHENTICATION.NEXT_HEADER);
}
