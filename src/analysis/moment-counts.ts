/** So many moments are kept as they are; of more, how many fell into each of as many stretches of time. */
const STRETCH_COUNT = 128;

/**
 * How many of any number of moments lie after a given one, in bounded memory: exact for the first 128, then to a stretch, which doubles
 * whenever a moment lies beyond the last. Moments may come in any order; those before the first stretch count into it.
 */
export class MomentCounts {
  #moments: number[] | null = [];
  #counts: number[] = [];
  #from = 0;
  #width = 0;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(at: number): void {
    this.#count++;
    if (this.#moments === null) this.#put(at, 1);
    else if (this.#moments.push(at) > STRETCH_COUNT) this.#compact(this.#moments);
  }

  /** How many are later than `at`. */
  after(at: number): number {
    if (this.#moments !== null) return this.#moments.reduce((count, moment) => count + (moment > at ? 1 : 0), 0);
    let count = 0;
    // A stretch counts by the share of it that is later.
    for (const [index, inside] of this.#counts.entries()) {
      const end = this.#from + (index + 1) * this.#width;
      count += inside * Math.min(1, Math.max(0, (end - at) / this.#width));
    }
    return Math.round(count);
  }

  #compact(moments: readonly number[]): void {
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const at of moments) {
      from = Math.min(from, at);
      to = Math.max(to, at);
    }
    this.#from = from;
    this.#width = Math.max(1, (2 * (to - from)) / STRETCH_COUNT);
    this.#counts = new Array<number>(STRETCH_COUNT).fill(0);
    this.#moments = null;
    for (const at of moments) this.#put(at, 1);
  }

  #put(at: number, count: number): void {
    while (at >= this.#from + STRETCH_COUNT * this.#width) this.#widen();
    const index = Math.max(0, Math.floor((at - this.#from) / this.#width));
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
  }

  #widen(): void {
    const counts = this.#counts;
    this.#counts = counts.map((_, index) =>
      index < STRETCH_COUNT / 2 ? (counts[2 * index] ?? 0) + (counts[2 * index + 1] ?? 0) : 0,
    );
    this.#width *= 2;
  }
}
