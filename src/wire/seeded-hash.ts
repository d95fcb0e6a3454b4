/**
 * Seeded hash of four 32-bit words, for keys that an attacker may choose.
 *
 * A sum modulo 2^32 of secret key × half, over the 16-bit halves of the words (with the upper half the whole word is multiplied once
 * more, which saves taking the lower half apart). Two different inputs differ in some half by d, which 2^16 does not divide, so key × d takes
 * a given value for at most 2^15 of the 2^32 keys: they collide with a probability of at most 2^-17, whatever they
 * are. Murmur and its kin, seeded with one word, have collisions that hold for every seed. The final mix is a bijection, so it adds no
 * collisions; it scatters the arithmetic progressions that neighbouring ports and addresses leave.
 */
export class SeededHash {
  readonly #keys = new Int32Array(8);

  constructor(seed: number) {
    for (let i = 0; i < this.#keys.length; i++) this.#keys[i] = mix(seed + Math.imul(i + 1, 0x9e3779b9));
  }

  of(a: number, b: number, c: number, d: number): number {
    const keys = this.#keys;
    let sum = Math.imul(keys[0] as number, a);
    sum = (sum + Math.imul(keys[1] as number, a >>> 16)) | 0;
    sum = (sum + Math.imul(keys[2] as number, b)) | 0;
    sum = (sum + Math.imul(keys[3] as number, b >>> 16)) | 0;
    sum = (sum + Math.imul(keys[4] as number, c)) | 0;
    sum = (sum + Math.imul(keys[5] as number, c >>> 16)) | 0;
    sum = (sum + Math.imul(keys[6] as number, d)) | 0;
    sum = (sum + Math.imul(keys[7] as number, d >>> 16)) | 0;
    return mix(sum);
  }
}

/** Murmur3's finalizer: a bijection in which every input bit reaches every output bit. */
export function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
