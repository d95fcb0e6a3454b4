import { NONE } from "../transcript/entries.ts";
import type { SegmentBatch } from "../wire/segment-batch.ts";
import { FlowIndex } from "./flow-index.ts";
import { FlowRecords } from "./flow-record.ts";

/** Tails of a flow that was over less than 2 MSL ago open no flow. Linux: TCP_TIMEWAIT_LEN. */
export const TAIL_NANOS = 60e9;

const FIRST_CAPACITY = 1 << 10;
const COUNT_MIN = 1 << 12;

/** The 4-tuples whose flows were over a short while ago, and when they were last heard of: apart from the flows, which are looked up far more often. */
export class TailMemory {
  readonly #index = new FlowIndex(FIRST_CAPACITY);
  readonly #records = new FlowRecords();
  #expireAt = COUNT_MIN;

  get size(): number {
    return this.#index.size;
  }

  /** Remembers a flow that is over. */
  add(records: FlowRecords, flow: number): void {
    this.#index.reserve(1);
    this.#index.insert(records.hashOf(flow), this.#records.addCopy(records, flow));
  }

  /** Whether the row is the tail of a flow that is over. If it opens another, the old one is forgotten. */
  has(batch: SegmentBatch, row: number, opens: boolean): boolean {
    const tail = this.#index.find(batch, row, this.#records);
    if (tail === NONE) return false;
    const at = batch.time[row] as number;
    if (!opens && at - this.#records.lastAtOf(tail) <= TAIL_NANOS) {
      this.#records.setLastAt(tail, at);
      return true;
    }
    this.#forget(tail);
    return false;
  }

  /** Forgets what has no tails any more at `now`, whenever it has become many: when that happens never shows in a result. */
  expire(now: number): void {
    if (this.size < this.#expireAt) return;
    for (let tail = 0; tail < this.#records.end; tail++) {
      if (this.#records.isUsed(tail) && now - this.#records.lastAtOf(tail) > TAIL_NANOS) this.#forget(tail);
    }
    this.#expireAt = Math.max(COUNT_MIN, this.size * 1.25);
  }

  #forget(tail: number): void {
    this.#index.delete(this.#records.hashOf(tail), tail);
    this.#records.remove(tail);
  }
}
