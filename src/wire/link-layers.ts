import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, IPV4, IPV6, LLC } from "./header-numbers.ts";

/** IEEE 802.3 §3.2: two addresses, then a type or a length. */
export const ETHERNET_HEADER = { TYPE: 12, OCTETS: 14 } as const;

/** IEEE 802.3 §3.2.6: up to here it is the length of an LLC frame, from 1536 on a type. */
export const LENGTH_MAX = 1500;

/** https://www.tcpdump.org/linktypes/LINKTYPE_IPOIB.html: a header for routing, then a type and two reserved octets. */
const INFINIBAND = { TYPE: 40, OCTETS: 44 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_APPLE_IP_OVER_IEEE1394.html: two addresses of 8 octets. */
const FIREWIRE = { TYPE: 16, OCTETS: 18 } as const;

export function ethernet(d: Dissection): number {
  if (!d.has(ETHERNET_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + ETHERNET_HEADER.TYPE);
  d.at += ETHERNET_HEADER.OCTETS;
  return byTypeOrLength(d, type);
}

/** What follows a type field of Ethernet or of a tag. */
export function byTypeOrLength(d: Dissection, typeOrLength: number): number {
  if (typeOrLength > LENGTH_MAX) return ETHER_TYPE + typeOrLength;
  d.endAt(d.at + typeOrLength);
  return LLC;
}

export function ipOverInfiniband(d: Dissection): number {
  if (!d.has(INFINIBAND.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + INFINIBAND.TYPE);
  d.at += INFINIBAND.OCTETS;
  return ETHER_TYPE + type;
}

export function ipOverFirewire(d: Dissection): number {
  if (!d.has(FIREWIRE.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + FIREWIRE.TYPE);
  d.at += FIREWIRE.OCTETS;
  return ETHER_TYPE + type;
}

/** No link header: the datagram's own version field decides. */
export function raw(d: Dissection): number {
  if (!d.has(1)) return d.skip("frame-cut-short");
  const version = d.view.getUint8(d.at) >>> 4;
  if (version === 4) return IPV4;
  return version === 6 ? IPV6 : d.skip("not-ip");
}
