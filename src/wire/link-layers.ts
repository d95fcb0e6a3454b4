import type { Dissection } from "./dissection.ts";
import { ETHER_TYPE, IPV4, IPV6 } from "./header-numbers.ts";

/** IEEE 802.3 §3.2: two addresses, then the type (or, below 1536, the length of an LLC frame). */
export const ETHERNET_HEADER = { TYPE: 12, OCTETS: 14 } as const;

/** IEEE 802.1Q §9.3, behind the tag's own type: tag control information, then the type of what follows. */
const VLAN_TAG = { TYPE: 2, OCTETS: 4 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL.html */
const SLL = { PROTOCOL: 14, OCTETS: 16 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_LINUX_SLL2.html */
const SLL2 = { PROTOCOL: 0, OCTETS: 20 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_NULL.html */
const LOOPBACK = { FAMILY: 0, OCTETS: 4 } as const;

const AF_INET = 2;
/** Linux; Windows; NetBSD and OpenBSD; FreeBSD; macOS. */
const AF_INET6: readonly number[] = [10, 23, 24, 28, 30];

export function ethernet(d: Dissection): number {
  if (!d.has(ETHERNET_HEADER.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + ETHERNET_HEADER.TYPE);
  d.at += ETHERNET_HEADER.OCTETS;
  return ETHER_TYPE + type;
}

/** One tag of a stack. The VLAN is not part of a flow's key: routed and mirrored traffic shows both directions under different tags. */
export function vlanTag(d: Dissection): number {
  if (!d.has(VLAN_TAG.OCTETS)) return d.skip("frame-cut-short");
  const type = d.view.getUint16(d.at + VLAN_TAG.TYPE);
  d.at += VLAN_TAG.OCTETS;
  return ETHER_TYPE + type;
}

export function linuxSll(d: Dissection): number {
  if (!d.has(SLL.OCTETS)) return d.skip("frame-cut-short");
  const protocol = d.view.getUint16(d.at + SLL.PROTOCOL);
  d.at += SLL.OCTETS;
  return ETHER_TYPE + protocol;
}

export function linuxSll2(d: Dissection): number {
  if (!d.has(SLL2.OCTETS)) return d.skip("frame-cut-short");
  const protocol = d.view.getUint16(d.at + SLL2.PROTOCOL);
  d.at += SLL2.OCTETS;
  return ETHER_TYPE + protocol;
}

/** NULL has the address family in the byte order of the capturing host, which the file does not tell, LOOP in network order. */
export function loopback(d: Dissection): number {
  if (!d.has(LOOPBACK.OCTETS)) return d.skip("frame-cut-short");
  const bigEndian = d.view.getUint32(d.at + LOOPBACK.FAMILY);
  const family = bigEndian <= 0xffff ? bigEndian : d.view.getUint32(d.at + LOOPBACK.FAMILY, true);
  d.at += LOOPBACK.OCTETS;
  if (family === AF_INET) return IPV4;
  return AF_INET6.includes(family) ? IPV6 : d.skip("not-ip");
}

/** No link header: the datagram's own version field decides. */
export function raw(d: Dissection): number {
  if (!d.has(1)) return d.skip("frame-cut-short");
  const version = d.view.getUint8(d.at) >>> 4;
  if (version === 4) return IPV4;
  return version === 6 ? IPV6 : d.skip("not-ip");
}
