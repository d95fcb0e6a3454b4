import { controlEntry, type EntryPools, entryIndex, isRunEntry, NONE, runEntry } from "../transcript/entries.ts";
import type { Pool } from "../transcript/layout.ts";
import { FIN, FROM_B, type SegmentBatch, SYN } from "../wire/segment-batch.ts";
import { addCopy, controlLink, isSameControl, writeControl } from "./control-writer.ts";
import {
  ANSWERED_A,
  ANSWERED_B,
  ENTRY_COUNT_ONE,
  FIN_A,
  FIN_B,
  FLOW,
  REPEATS_MASK,
  REPEATS_SHIFT,
} from "./flow-record.ts";
import { addToRuns, clearAsk, isOfCapture, OPEN_RUN_SILENCE_NANOS, openRun, runLink } from "./run-writer.ts";

/** A pair of runs also ends when the flow was silent for so long: probes, idle time and late writes then stand on their own. */
export const RUN_SILENCE_NANOS = 1e9;

/** From this copy on, identical control segments in a row add up in one entry: earlier ones differ in what they prove. */
const COPIES_KEPT = 3;

const WORDS = FLOW.words;
const { lastAt: LAST_AT, bits: BITS, firstEntry: FIRST_ENTRY, lastEntry: LAST_ENTRY } = FLOW.offset;
const { openRunA: OPEN_RUN_A, openRunB: OPEN_RUN_B } = FLOW.offset;

/** Writes segments into transcripts. Knows the shape of a segment, and nothing of what TCP means by it. */
export class Transcriber {
  readonly #flows: Pool;
  readonly #pools: EntryPools;

  constructor(flows: Pool, pools: EntryPools) {
    this.#flows = flows;
    this.#pools = pools;
  }

  /** A segment with SYN, FIN or RST: an entry of its own. */
  addControl(flow: number, batch: SegmentBatch, row: number): void {
    const base = flow * WORDS * 2;
    const { i32 } = this.#flows;
    const flags = batch.flags[row] as number;
    this.closeRuns(flow);
    let bits = i32[base + BITS] as number;
    if ((flags & SYN) !== 0) bits &= ~(FIN_A | FIN_B);
    if ((flags & FIN) !== 0) bits |= ((batch.traits[row] as number) & FROM_B) !== 0 ? FIN_B : FIN_A;

    const last = i32[base + LAST_ENTRY] as number;
    const { controls } = this.#pools;
    const repeats =
      last !== NONE && !isRunEntry(last) && isSameControl(controls, entryIndex(last), batch, row)
        ? Math.min((bits & REPEATS_MASK) >> REPEATS_SHIFT, COPIES_KEPT - 1) + 1
        : 0;
    i32[base + BITS] = (bits & ~REPEATS_MASK) | (repeats << REPEATS_SHIFT);
    if (repeats === COPIES_KEPT) addCopy(controls, entryIndex(last), batch, row);
    else this.#append(flow, controlEntry(writeControl(controls, batch, row)));
  }

  /** Any other segment, as long as it may go on in the open run of its flow: see `addToRuns`. Returns the first row that may not. */
  addToRuns(found: Int32Array, batch: SegmentBatch, first: number): number {
    return addToRuns(this.#flows, this.#pools.runs, found, batch, first, batch.rows, false);
  }

  /** Any other segment, into a run that is opened for it where need be. */
  addToRun(found: Int32Array, batch: SegmentBatch, row: number): void {
    const flow = found[row] as number;
    const base = flow * WORDS * 2;
    const { f64, i32 } = this.#flows;
    const { runs } = this.#pools;
    const silence = ((i32[base + BITS] as number) & (FIN_A | FIN_B)) === 0 ? OPEN_RUN_SILENCE_NANOS : RUN_SILENCE_NANOS;
    if ((batch.time[row] as number) - (f64[flow * WORDS + LAST_AT] as number) >= silence) this.closeRuns(flow);
    const fromB = ((batch.traits[row] as number) & FROM_B) !== 0;
    const mine = base + (fromB ? OPEN_RUN_B : OPEN_RUN_A);
    const open = i32[mine] as number;
    if (open === NONE || !isOfCapture(runs, open, batch.capture[row] as number)) {
      const answered = fromB ? ANSWERED_B : ANSWERED_A;
      if (open !== NONE && ((i32[base + BITS] as number) & answered) !== 0) clearAsk(runs, open);
      const run = openRun(runs, batch, row);
      i32[mine] = run;
      this.#append(flow, runEntry(run));
    }
    addToRuns(this.#flows, runs, found, batch, row, row + 1, true);
  }

  /** What comes next begins new runs. */
  closeRuns(flow: number): void {
    const base = flow * WORDS * 2;
    const { i32 } = this.#flows;
    const { runs } = this.#pools;
    const bits = i32[base + BITS] as number;
    if ((bits & ANSWERED_A) !== 0 && i32[base + OPEN_RUN_A] !== NONE) clearAsk(runs, i32[base + OPEN_RUN_A] as number);
    if ((bits & ANSWERED_B) !== 0 && i32[base + OPEN_RUN_B] !== NONE) clearAsk(runs, i32[base + OPEN_RUN_B] as number);
    i32[base + OPEN_RUN_A] = NONE;
    i32[base + OPEN_RUN_B] = NONE;
    i32[base + BITS] = bits & ~(ANSWERED_A | ANSWERED_B);
  }

  #append(flow: number, entry: number): void {
    const base = flow * WORDS * 2;
    const { i32 } = this.#flows;
    const last = i32[base + LAST_ENTRY] as number;
    if (last === NONE) i32[base + FIRST_ENTRY] = entry;
    else if (isRunEntry(last)) this.#pools.runs.i32[runLink(entryIndex(last))] = entry;
    else this.#pools.controls.i32[controlLink(entryIndex(last))] = entry;
    i32[base + LAST_ENTRY] = entry;
    i32[base + BITS] = (i32[base + BITS] as number) + ENTRY_COUNT_ONE;
  }

  /** Frees an entry and all that follow it. */
  freeEntries(first: number): void {
    const { controls, runs } = this.#pools;
    let entry = first;
    while (entry !== NONE) {
      const index = entryIndex(entry);
      const isRun = isRunEntry(entry);
      entry = (isRun ? runs.i32[runLink(index)] : controls.i32[controlLink(index)]) as number;
      if (isRun) runs.free(index);
      else controls.free(index);
    }
  }
}
