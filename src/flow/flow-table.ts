import { EntryCursor, EntryPools, NONE } from "../transcript/entries.ts";
import type { Fold } from "../transcript/fold.ts";
import { ACK, FIN, FROM_B, RST, type SegmentBatch, SYN } from "../wire/segment-batch.ts";
import { FlowIndex } from "./flow-index.ts";
import {
  ENDED,
  ENTRY_COUNT_SHIFT,
  FIN_A,
  FIN_B,
  FLOW,
  FlowRecords,
  RecordKey,
  SETTLING,
  USED,
  V6,
} from "./flow-record.ts";
import { RUN_SECOND_LINE } from "./run-writer.ts";
import { TAIL_NANOS, TailMemory } from "./tail-memory.ts";
import { touch } from "./touch.ts";
import { Transcriber } from "./transcriber.ts";

/** A transcript of so many entries is folded, so that no flow grows without bound. */
export const ENTRY_COUNT_MAX = 48;

/**
 * A flow silent for so long is folded, and is over if replay finds nothing that may still happen (an unanswered SYN, say). Longer than
 * the largest gap between retransmissions of a SYN (RFC 6298: 64 s) and than 2 MSL of RFC 9293 §3.4.2 (240 s).
 */
const IDLE_NANOS = 240e9;

/** Sweeping keeps this far behind the latest time seen, so that a small step backwards in time still finds what it belongs to. */
const SWEEP_SLACK_NANOS = 5e9;

const FIRST_CAPACITY = 1 << 12;

const WORDS = FLOW.words;
const { lastAt: LAST_AT, overAt: OVER_AT, bits: BITS, state: STATE } = FLOW.offset;
const { firstEntry: FIRST_ENTRY, openRunA: OPEN_RUN_A, openRunB: OPEN_RUN_B } = FLOW.offset;

/**
 * The flows of one shard. A batch is worked through in passes: guess the flows by their hashes, touch their records, find them, touch their
 * open runs, then update them. The reads of a pass do not wait for each other, so cache misses overlap.
 */
export class FlowTable {
  readonly pools = new EntryPools();
  readonly #fold: Fold;
  readonly #index = new FlowIndex(FIRST_CAPACITY);
  readonly #records = new FlowRecords();
  readonly #transcriber = new Transcriber(this.#records.pool, this.pools);
  readonly #entries = new EntryCursor(this.pools);
  readonly #key = new RecordKey(this.#records);
  readonly #tails = new TailMemory();
  /** Segments that came after their flow was over. */
  tails = 0;
  /** Flow of each row of the batch; NONE for tails. */
  readonly #found: Int32Array;
  /** The run that each row may go on in; NONE when there is none. */
  readonly #runs: Int32Array;
  /** Written so that the engine keeps the reads. */
  touched = 0;

  constructor(fold: Fold, batchRows: number) {
    this.#fold = fold;
    this.#found = new Int32Array(batchRows);
    this.#runs = new Int32Array(batchRows);
  }

  /** Number of 4-tuples in the table. */
  get live(): number {
    return this.#index.size + this.#tails.size;
  }

  /** Adds a batch of segments, in order. */
  update(batch: SegmentBatch): void {
    this.#index.reserve(batch.rows);
    this.#index.guess(batch, this.#found);
    this.touched = touch(this.#records.pool, this.#found, batch.rows);
    this.#find(batch);
    this.touched = touch(this.pools.runs, this.#runs, batch.rows, RUN_SECOND_LINE);
    for (let row = 0; row < batch.rows; row++) {
      row = this.#transcriber.addToRuns(this.#found, batch, row);
      if (row < batch.rows && this.#found[row] !== NONE) this.#apply(batch, row, this.#found[row] as number);
    }
  }

  /** Hands out every flow that is still in the table, in the order of their first records: one with each step. */
  *finish(): Generator<void> {
    for (const flow of this.#records.inOrder()) {
      if (!this.#isEnded(flow)) {
        this.#takeInHand(flow);
        this.#fold.release(this.#key.at(flow));
      }
      this.#forget(flow);
      yield;
    }
  }

  #find(batch: SegmentBatch): void {
    const index = this.#index;
    const records = this.#records;
    const found = this.#found;
    const runs = this.#runs;
    const { traits } = batch;
    for (let row = 0; row < batch.rows; row++) {
      let flow = found[row] as number;
      if (flow === NONE || !records.hasKey(flow, batch, row)) {
        // None, opened by a row before, or of two keys with one hash.
        flow = index.find(batch, row, records);
        if (flow === NONE) flow = this.#open(batch, row);
        found[row] = flow;
      }
      const open = ((traits[row] as number) & FROM_B) !== 0 ? OPEN_RUN_B : OPEN_RUN_A;
      runs[row] = flow === NONE ? NONE : (records.pool.i32[flow * WORDS * 2 + open] as number);
    }
  }

  /** A new flow, unless the segment is the tail of one that is over. */
  #open(batch: SegmentBatch, row: number): number {
    if (this.#tails.has(batch, row, ((batch.flags[row] as number) & SYN) !== 0)) {
      this.tails++;
      return NONE;
    }
    const flow = this.#records.add(batch, row);
    this.#index.insert(batch.hash[row] as number, flow);
    return flow;
  }

  #apply(batch: SegmentBatch, row: number, flow: number): void {
    const { f64, i32 } = this.#records.pool;
    const at = batch.time[row] as number;
    const flags = batch.flags[row] as number;
    const lastAtIndex = flow * WORDS + LAST_AT;
    const bitsIndex = flow * WORDS * 2 + BITS;
    if (this.#mayBeOver(flow, at) && this.#isTail(flow, at, flags, batch.order[row] as number)) {
      this.tails++;
      return;
    }
    if ((flags & (SYN | FIN | RST)) !== 0) this.#transcriber.addControl(flow, batch, row);
    else this.#transcriber.addToRun(this.#found, batch, row);
    if (at > (f64[lastAtIndex] as number)) f64[lastAtIndex] = at;

    const bits = i32[bitsIndex] as number;
    const closing = (bits & (FIN_A | FIN_B)) === (FIN_A | FIN_B) && (flags & (SYN | FIN | RST | ACK)) === ACK;
    const ending = closing || (flags & RST) !== 0;
    const isFull = bits >>> ENTRY_COUNT_SHIFT >= ENTRY_COUNT_MAX;
    // Its entries are at hand when it ends, and no longer when it is over.
    if (isFull || (ending && i32[flow * WORDS * 2 + STATE] === NONE)) this.#layDown(flow, this.#takeInHand(flow));
    else if (ending) i32[bitsIndex] = bits | SETTLING;
  }

  /**
   * Whether the segment comes after its flow was over and opens no other. It depends on times alone, asked when the 4-tuple comes again,
   * so that sweeping never shows in a result.
   */
  #isTail(flow: number, at: number, flags: number, order: number): boolean {
    if (!this.#endIfOver(flow, at)) return false;
    const { f64 } = this.#records.pool;
    const sinceEnd = at - (f64[flow * WORDS + LAST_AT] as number);
    if ((flags & SYN) === 0 && sinceEnd <= TAIL_NANOS) {
      f64[flow * WORDS + LAST_AT] = at;
      return true;
    }
    this.#records.restart(flow, order);
    return false;
  }

  /** Hands out a flow that is over. Its record stays until the next sweep. */
  #endIfOver(flow: number, now: number): boolean {
    if (this.#isEnded(flow)) return true;
    const { i32, f64 } = this.#records.pool;
    const base = flow * WORDS * 2;
    if (i32[base + FIRST_ENTRY] === NONE) {
      if (now < (f64[flow * WORDS + OVER_AT] as number)) return false;
      this.#fold.take(i32[base + STATE] as number);
    } else {
      const overAt = this.#takeInHand(flow);
      if (now < overAt) {
        this.#layDown(flow, overAt);
        return false;
      }
    }
    this.#fold.release(this.#key.at(flow));
    i32[base + STATE] = NONE;
    i32[base + BITS] = ((i32[base + BITS] as number) & (USED | V6)) | ENDED;
    return true;
  }

  #isEnded(flow: number): boolean {
    return ((this.#records.pool.i32[flow * WORDS * 2 + BITS] as number) & ENDED) !== 0;
  }

  /** Has the flow replayed as far as it was transcribed, and frees the entries. Returns when it is over. */
  #takeInHand(flow: number): number {
    const { i32 } = this.#records.pool;
    const base = flow * WORDS * 2;
    const first = i32[base + FIRST_ENTRY] as number;
    this.#transcriber.closeRuns(flow);
    const overAt = this.#fold.fold(this.#key.at(flow), this.#entries.from(first), i32[base + STATE] as number);
    this.#transcriber.freeEntries(first);
    this.#records.clearTranscript(flow);
    return overAt;
  }

  /** Stores the flow in hand as a state. */
  #layDown(flow: number, overAt: number): void {
    const { i32, f64 } = this.#records.pool;
    const base = flow * WORDS * 2;
    i32[base + STATE] = this.#fold.keep();
    f64[flow * WORDS + OVER_AT] = overAt;
    const bits = (i32[base + BITS] as number) & ~SETTLING;
    i32[base + BITS] = overAt < Number.POSITIVE_INFINITY ? bits | SETTLING : bits;
  }

  /** Hands out what is over at capture time `latest`, and forgets what has no tails any more. When that happens never shows in a result. */
  sweep(latest: number): void {
    const now = latest - SWEEP_SLACK_NANOS;
    for (let flow = 0; flow < this.#records.end; flow++) {
      if (!this.#records.isUsed(flow) || !this.#mayBeOver(flow, now) || !this.#endIfOver(flow, now)) continue;
      if (now - this.#records.lastAtOf(flow) <= TAIL_NANOS) this.#tails.add(this.#records, flow);
      this.#forget(flow);
    }
    this.#tails.expire(now);
  }

  #mayBeOver(flow: number, now: number): boolean {
    const bits = this.#records.pool.i32[flow * WORDS * 2 + BITS] as number;
    const idle = now - this.#records.lastAtOf(flow);
    return (bits & ENDED) !== 0 || ((bits & SETTLING) !== 0 && idle >= this.#fold.settleNanosMin) || idle > IDLE_NANOS;
  }

  #forget(flow: number): void {
    this.#index.delete(this.#records.hashOf(flow), flow);
    this.#records.remove(flow);
  }
}
