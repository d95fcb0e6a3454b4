import ipaddr from "ipaddr.js";

/** ::ffff:0:0/96 (RFC 4291 §2.5.5.2) */
const MAPPED_WORD = 0x0000ffff;

export function formatIpv4(address: number): string {
  return `${address >>> 24}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

/** The canonical text of RFC 5952, from the four words of an address; IPv4-mapped addresses in mixed notation (§5). */
export function formatIpv6(word0: number, word1: number, word2: number, word3: number): string {
  if (word0 === 0 && word1 === 0 && word2 === MAPPED_WORD) return `::ffff:${formatIpv4(word3)}`;
  const groups = [word0, word1, word2, word3].flatMap((word) => [word >>> 16, word & 0xffff]);
  return new ipaddr.IPv6(groups).toRFC5952String();
}
