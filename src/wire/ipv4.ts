import type { Dissection } from "./dissection.ts";
import { IP_PROTOCOL, IPV6 } from "./header-numbers.ts";

/** RFC 791 §3.1 */
export const IPV4_HEADER = {
  VERSION_AND_IHL: 0,
  TOTAL_LENGTH: 2,
  IDENTIFICATION: 4,
  FRAGMENT: 6,
  PROTOCOL: 9,
  SOURCE: 12,
  DESTINATION: 16,
  OCTETS_MIN: 20,
} as const;

/** Fragment offset in units of eight octets, and the flag that more fragments follow: both are 0 in a whole datagram. */
export const FRAGMENT = { OFFSET: 0x1fff, MORE: 0x2000, ANY: 0x3fff } as const;

export function ipv4(d: Dissection): number {
  const { view, at } = d;
  if (!d.has(IPV4_HEADER.OCTETS_MIN)) return d.skip("frame-cut-short");
  const versionAndIhl = view.getUint8(at + IPV4_HEADER.VERSION_AND_IHL);
  // Some tunnels announce version 6 by the number of version 4.
  if (versionAndIhl >>> 4 === 6) return IPV6;
  const headerOctets = (versionAndIhl & 0x0f) << 2;
  const totalLength = view.getUint16(at + IPV4_HEADER.TOTAL_LENGTH);
  if (versionAndIhl >>> 4 !== 4 || headerOctets < IPV4_HEADER.OCTETS_MIN) return d.skip("ip-header-malformed");

  // Zero is what segmentation offload leaves there for the card to fill in: then the enclosing length holds.
  if (totalLength >= headerOctets) d.endAt(at + totalLength);
  else if (totalLength !== 0) return d.skip("ip-header-malformed");

  d.ip = at;
  d.v6 = false;
  d.identification = view.getUint16(at + IPV4_HEADER.IDENTIFICATION);
  d.at = at + headerOctets;
  const protocol = view.getUint8(at + IPV4_HEADER.PROTOCOL);
  const fragment = view.getUint16(at + IPV4_HEADER.FRAGMENT);
  if ((fragment & FRAGMENT.ANY) === 0) return IP_PROTOCOL + protocol;
  return d.fragment(protocol, d.identification, (fragment & FRAGMENT.OFFSET) * 8, (fragment & FRAGMENT.MORE) !== 0);
}
