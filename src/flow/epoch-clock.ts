import { FIN, RST, type SegmentBatch, SYN } from "../wire/segment-batch.ts";

/** So many FINs and RSTs, or SYNs, end an epoch, or this part of the flows that the tables may hold: a sweep looks at all of them. */
const ENDS_MIN = 1 << 12;
const BEGINS_MIN = 1 << 14;
const HELD_SHARE = 1 / 32;

/** Connections that ended are held so long for their tails, roughly. */
const TAIL_NANOS = 65e9;

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
  /** Connections that ended in the latest epochs, and when. */
  #ended: { readonly at: number; readonly count: number }[] = [];
  #endedCount = 0;

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
    const held = this.#open + this.#endedCount;
    this.#isOver =
      this.#ends >= Math.max(ENDS_MIN, held * HELD_SHARE) || this.#begins >= Math.max(BEGINS_MIN, held * HELD_SHARE);
    if (this.#isOver) {
      this.#noteEnded(this.#ends / 2);
      this.#begins = 0;
      this.#ends = 0;
    }
    return this.#isOver;
  }

  #noteEnded(count: number): void {
    this.#ended.push({ at: this.now, count });
    this.#endedCount += count;
    while (this.#ended.length > 0 && (this.#ended[0]?.at ?? 0) < this.now - TAIL_NANOS) {
      this.#endedCount -= this.#ended.shift()?.count ?? 0;
    }
  }
}
