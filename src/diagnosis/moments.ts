/** Of one client address at one service, so many moments of each sort are kept; further ones are only counted. */
const MOMENT_COUNT_MAX = 16_384;

/** Moments in the order they were learnt, at most so many, and how many there were. */
export class Moments {
  readonly at: number[] = [];
  count = 0;

  add(at: number): void {
    this.count++;
    if (this.at.length < MOMENT_COUNT_MAX) this.at.push(at);
  }

  inOrder(): number[] {
    return [...this.at].sort((a, b) => a - b);
  }
}
