/** Two lanes, each with one key per 16-bit half of four words and one to start from. */
const LANE_KEYS = 9;

/**
 * Seeded hash of four 32-bit words, for keys that an attacker may choose.
 *
 * Each lane is a multilinear hash: sum over all 16-bit halves of key × half modulo 2^32, of which the upper 16 bits are
 * strongly universal, whatever the input (Lemire and Kaser, "Strongly universal string hashing is fast", 2014). Murmur and its kin, seeded
 * with one word, have collisions that hold for every seed. The final mix makes no difference to collisions; it scatters
 * the arithmetic progressions that neighbouring ports and addresses leave.
 */
export class SeededHash {
  readonly #keys = new Int32Array(2 * LANE_KEYS);

  constructor(seed: number) {
    for (let i = 0; i < this.#keys.length; i++) this.#keys[i] = mix(seed + Math.imul(i + 1, 0x9e3779b9));
  }

  of(a: number, b: number, c: number, d: number): number {
    const upper = lane(this.#keys, 0, a, b, c, d);
    const lower = lane(this.#keys, LANE_KEYS, a, b, c, d);
    return mix((upper & 0xffff0000) | (lower >>> 16));
  }
}

function lane(keys: Int32Array, from: number, a: number, b: number, c: number, d: number): number {
  let sum = keys[from] as number;
  sum = (sum + Math.imul(keys[from + 1] as number, a & 0xffff)) | 0;
  sum = (sum + Math.imul(keys[from + 2] as number, a >>> 16)) | 0;
  sum = (sum + Math.imul(keys[from + 3] as number, b & 0xffff)) | 0;
  sum = (sum + Math.imul(keys[from + 4] as number, b >>> 16)) | 0;
  sum = (sum + Math.imul(keys[from + 5] as number, c & 0xffff)) | 0;
  sum = (sum + Math.imul(keys[from + 6] as number, c >>> 16)) | 0;
  sum = (sum + Math.imul(keys[from + 7] as number, d & 0xffff)) | 0;
  return (sum + Math.imul(keys[from + 8] as number, d >>> 16)) | 0;
}

/** Murmur3's finalizer: a bijection in which every input bit reaches every output bit. */
export function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
