import type { Dissection } from "./dissection.ts";
import { IPV4, IPV6 } from "./header-numbers.ts";

/** What operating systems put in front of an IP datagram at taps of their own: an address family, and things that are not needed here. */

const AF_INET = 2;
/** Linux; Windows; NetBSD and OpenBSD; Solaris; FreeBSD; macOS. */
const AF_INET6: readonly number[] = [10, 23, 24, 26, 28, 30];

/** https://www.tcpdump.org/linktypes/LINKTYPE_NULL.html */
const LOOPBACK = { FAMILY: 0, OCTETS: 4 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_ENC.html: family, security parameter index, flags. */
const ENC = { FAMILY: 0, OCTETS: 12 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_PFLOG.html: the length leaves out the padding to 32 bits. */
const PFLOG = { LENGTH: 0, FAMILY: 1, OCTETS_MIN: 4 } as const;

/** https://www.tcpdump.org/linktypes/LINKTYPE_IPNET.html */
const IPNET = { VERSION: 0, FAMILY: 1, OCTETS: 24 } as const;

/** NULL has the address family in the byte order of the capturing host, which the file does not tell, LOOP in network order. */
export function loopback(d: Dissection): number {
  if (!d.has(LOOPBACK.OCTETS)) return d.skip("frame-cut-short");
  const family = hostOrder(d, LOOPBACK.FAMILY);
  d.at += LOOPBACK.OCTETS;
  return byFamily(d, family);
}

export function encapsulating(d: Dissection): number {
  if (!d.has(ENC.OCTETS)) return d.skip("frame-cut-short");
  const family = hostOrder(d, ENC.FAMILY);
  d.at += ENC.OCTETS;
  return byFamily(d, family);
}

export function packetFilterLog(d: Dissection): number {
  if (!d.has(PFLOG.OCTETS_MIN)) return d.skip("frame-cut-short");
  const family = d.view.getUint8(d.at + PFLOG.FAMILY);
  d.at += (d.view.getUint8(d.at + PFLOG.LENGTH) + 3) & ~3;
  return byFamily(d, family);
}

export function ipnet(d: Dissection): number {
  if (!d.has(IPNET.OCTETS)) return d.skip("frame-cut-short");
  const family = d.view.getUint8(d.at + IPNET.FAMILY);
  d.at += IPNET.OCTETS;
  return byFamily(d, family);
}

/** A small number in four octets: in the wrong order it would be a large one. */
function hostOrder(d: Dissection, field: number): number {
  const bigEndian = d.view.getUint32(d.at + field);
  return bigEndian <= 0xffff ? bigEndian : d.view.getUint32(d.at + field, true);
}

export function byFamily(d: Dissection, family: number): number {
  if (family === AF_INET) return IPV4;
  return AF_INET6.includes(family) ? IPV6 : d.skip("not-ip");
}
