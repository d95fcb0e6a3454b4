/**
 * Seeded random numbers (sfc32), the same on every machine. The state is a typed array because plain fields holding numbers beyond
 * 31 bits would be boxed, one allocation a call.
 */

const WARM_UP = 12;
const QUANTILES = 4096;

/** Quantiles of the exponential distribution with mean 1, rounded so that no libm makes a difference. */
const EXPONENTIAL = Float64Array.from(
  { length: QUANTILES },
  (_, i) => Math.round(-Math.log((i + 0.5) / QUANTILES) * 1e4) / 1e4,
);

export class Random {
  #state = new Int32Array(4);

  /** @param {number} seed */
  constructor(seed) {
    this.#state.set([seed, seed ^ 0x9e3779b9, 0x243f6a88, 1]);
    for (let i = 0; i < WARM_UP; i++) this.uint32();
  }

  /** @returns {number} 0 to 2^32 - 1 */
  uint32() {
    const s = this.#state;
    const sum = (s[0] + s[1] + s[3]) | 0;
    s[3]++;
    s[0] = s[1] ^ (s[1] >>> 9);
    s[1] = (s[2] + (s[2] << 3)) | 0;
    s[2] = ((s[2] << 21) | (s[2] >>> 11)) + sum;
    return sum >>> 0;
  }

  /** An integer from 0 to `limit` - 1. @param {number} limit */
  below(limit) {
    return Math.floor((this.uint32() / 0x1_0000_0000) * limit);
  }

  /** True with this probability. @param {number} probability */
  chance(probability) {
    return this.uint32() < probability * 0x1_0000_0000;
  }

  /** Exponentially distributed, at most nine times the mean. @param {number} mean */
  exponential(mean) {
    return EXPONENTIAL[this.uint32() >>> 20] * mean;
  }
}
