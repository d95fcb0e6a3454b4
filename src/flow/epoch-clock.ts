import { FIN, RST, type SegmentBatch, SYN } from "../wire/segment-batch.ts";

/** So many FINs and RSTs, or SYNs, end an epoch, or this part of the connections that may be open. */
const ENDS_MIN = 1 << 12;
const BEGINS_MIN = 1 << 14;
const OPEN_SHARE = 1 / 16;

/**
 * Divides the input into epochs. At the end of each, all flows that are over are handed out, in the order of their first segments. It goes by
 * the segments alone, so that shards in any number hand out the same flows in the same epochs.
 */
export class EpochClock {
  /**
   * How far capture time has come for certain: the least of what the batches of this epoch reached, so that single records with a time far
   * in the future move nothing.
   */
  now = Number.POSITIVE_INFINITY;
  #isOver = false;
  #begins = 0;
  #ends = 0;
  #open = 0;

  /** Notes the segments of a batch. Returns whether the epoch ends with it. */
  note({ rows, time, flags }: SegmentBatch): boolean {
    if (this.#isOver) this.now = Number.POSITIVE_INFINITY;
    let latest = Number.NEGATIVE_INFINITY;
    let [begins, ends] = [0, 0];
    for (let row = 0; row < rows; row++) {
      if ((time[row] as number) > latest) latest = time[row] as number;
      const control = (flags[row] as number) & (SYN | FIN | RST);
      if (control === 0) continue;
      if ((control & SYN) !== 0) begins++;
      else ends++;
    }
    this.now = Math.min(this.now, latest);
    this.#begins += begins;
    this.#ends += ends;
    // A connection has two SYNs, and two FINs or a RST.
    this.#open = Math.max(0, this.#open + begins / 2 - ends / 2);
    this.#isOver =
      this.#ends >= Math.max(ENDS_MIN, this.#open * OPEN_SHARE) ||
      this.#begins >= Math.max(BEGINS_MIN, this.#open * OPEN_SHARE);
    if (this.#isOver) {
      this.#begins = 0;
      this.#ends = 0;
    }
    return this.#isOver;
  }
}
