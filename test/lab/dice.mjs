/**
 * Deterministic choices. The same seed and name give the same addresses, ports and sizes in every run, whatever else is played beside it;
 * only times and the kernel's own random numbers (initial sequence numbers, timestamps) differ between two recordings.
 */
export class Dice {
  #state;

  /** @param {string} name What the choices are for: every name has its own sequence of numbers. */
  constructor(/** @type {number} */ seed, name) {
    // FNV-1a, so that neighbouring seeds and similar names have nothing in common.
    this.#state = 0x811c9dc5;
    for (const character of `${seed}/${name}`) {
      this.#state = Math.imul(this.#state ^ character.charCodeAt(0), 0x01000193);
    }
  }

  /** A number from 0 up to, but not including, 1 (mulberry32). */
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `low` to `high`, both included. */
  between(/** @type {number} */ low, /** @type {number} */ high) {
    return low + Math.floor(this.fraction() * (high - low + 1));
  }

  /**
   * One of `items`.
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  pick(items) {
    return items[this.between(0, items.length - 1)];
  }
}
