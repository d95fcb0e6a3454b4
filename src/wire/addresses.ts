import ipaddr from "ipaddr.js";

/** Addresses whose texts are at hand. */
const KNOWN_COUNT = 1 << 12;

/**
 * Texts of IPv4 addresses: the same few are asked for again and again, and one string for all is quick to look up in a Map. An address
 * has one place to be known at.
 */
export class Ipv4Texts {
  readonly #addresses = new Int32Array(KNOWN_COUNT);
  readonly #texts: string[] = new Array(KNOWN_COUNT).fill(formatIpv4(0));

  of(address: number): string {
    const place = Math.imul(address, 0x9e3779b1) >>> 20;
    if (this.#addresses[place] !== address) {
      this.#addresses[place] = address;
      this.#texts[place] = formatIpv4(address);
    }
    return this.#texts[place] as string;
  }
}

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
