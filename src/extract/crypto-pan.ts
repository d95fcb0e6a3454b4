// Crypto-PAn: Xu, Fan, Ammar and Moon, "Prefix-Preserving IP Address Anonymization" (ICNP 2002), with AES-128 as its pseudorandom function.
// Two addresses that share their first k bits share exactly their first k bits afterwards, whatever else is in the capture; so the
// captures of several hosts, anonymized with one key, still fit together.
import { type Cipher, createCipheriv } from "node:crypto";
import ipaddr from "ipaddr.js";

/** 16 octets for the cipher, 16 for the padding. */
export const KEY_OCTETS = 32;

const BLOCK_OCTETS = 16;

/** So many addresses are remembered: most captures have fewer. */
const KNOWN_COUNT_MAX = 1 << 16;

export class CryptoPan {
  readonly #cipher: Cipher;
  readonly #pad: Buffer;
  readonly #known = new Map<string, Uint8Array>();

  /** `key`: KEY_OCTETS octets. */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv("aes-128-ecb", key.subarray(0, BLOCK_OCTETS), null).setAutoPadding(false);
    this.#pad = this.#cipher.update(key.subarray(BLOCK_OCTETS, KEY_OCTETS));
  }

  /** What stands for an address of 4 or 16 octets. */
  address(original: Uint8Array): Uint8Array {
    return this.#remembered("ip", original, () => this.#anonymize(original));
  }

  /** The same for an address as text. */
  text(ip: string): string {
    const made = this.address(Uint8Array.from(ipaddr.parse(ip).toByteArray()));
    return ipaddr.fromByteArray([...made]).toString();
  }

  /**
   * What stands for a link address: no prefix is worth keeping, so it is a locally administered one out of the cipher. All ones, all
   * zeroes and the group bit (IEEE 802 §8) say nothing about whose it is.
   */
  linkAddress(original: Uint8Array): Uint8Array {
    if (original.every((octet) => octet === 0xff) || original.every((octet) => octet === 0)) return original;
    return this.#remembered("link", original, () => {
      const block = Buffer.from(this.#pad);
      for (const [index, octet] of original.entries()) block[index] = (block[index] ?? 0) ^ octet;
      const made = this.#cipher.update(block).subarray(0, original.length);
      const [first = 0] = made;
      made[0] = (first & ~0x03) | 0x02 | ((original[0] ?? 0) & 0x01);
      return made;
    });
  }

  #remembered(kind: string, original: Uint8Array, make: () => Uint8Array): Uint8Array {
    const name = `${kind} ${original.join(".")}`;
    const known = this.#known.get(name);
    if (known) return known;
    if (this.#known.size === KNOWN_COUNT_MAX) this.#known.clear();
    const made = make();
    this.#known.set(name, made);
    return made;
  }

  /** Bit i is flipped by the first bit of the cipher of the i bits in front of it, filled up with the padding. */
  #anonymize(original: Uint8Array): Uint8Array {
    const bits = original.length * 8;
    const blocks = Buffer.alloc(bits * BLOCK_OCTETS);
    for (let bit = 0; bit < bits; bit++) {
      const at = bit * BLOCK_OCTETS;
      this.#pad.copy(blocks, at);
      blocks.set(original.subarray(0, bit >>> 3), at);
      const keptMask = 0xff00 >>> (bit & 7);
      const split = at + (bit >>> 3);
      blocks[split] = ((original[bit >>> 3] ?? 0) & keptMask) | ((blocks[split] ?? 0) & ~keptMask & 0xff);
    }
    const encrypted = this.#cipher.update(blocks);
    const made = Uint8Array.from(original);
    for (let bit = 0; bit < bits; bit++) {
      const flip = (encrypted[bit * BLOCK_OCTETS] ?? 0) >>> 7;
      made[bit >>> 3] = (made[bit >>> 3] ?? 0) ^ (flip << (7 - (bit & 7)));
    }
    return made;
  }
}
