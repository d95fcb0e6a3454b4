import {
  ACK_HAS_DSACK,
  ACK_HAS_TIMESTAMPS,
  CONTROL,
  CONTROL_ENTRY,
  controlEntry,
  type EntryPools,
  entryIndex,
  FLAGS_SHIFT,
  HAS_ACK,
  HAS_ASK,
  HAS_BARE,
  HAS_DSACK,
  HAS_PAYLOAD,
  HAS_SOLID_PAYLOAD,
  HAS_TIMESTAMPS,
  HAS_ZERO,
  isRunEntry,
  NONE,
  RUN,
  runEntry,
  SENT_BY_B,
} from "../transcript/entries.ts";
import {
  ACK,
  DSACK,
  FIN,
  FROM_B,
  MARK_CAPTURE,
  PSH,
  SCALE_SHIFT,
  type SegmentBatch,
  SYN,
  TIMESTAMPS,
  WINDOW_SCALE,
} from "../wire/segment-batch.ts";
import { distance, isAfter, isBefore } from "../wire/sequence-number.ts";
import { ENTRY_COUNT_ONE, FIN_A, FIN_B, FLOW, type FlowSlots, REPEATS_MASK, REPEATS_SHIFT } from "./flow-record.ts";

/** A pair of runs also ends when the flow was silent for so long: probes, idle time and late writes then stand on their own. */
const RUN_SILENCE_NANOS = 1e9;

/** From this copy on, identical control segments in a row add up in one entry: earlier ones differ in what they prove. */
const COPIES_KEPT = 3;

/** Writes segments into transcripts. Knows the shape of a segment, and nothing of what TCP means by it. */
export class Transcriber {
  readonly #pools: EntryPools;

  constructor(pools: EntryPools) {
    this.#pools = pools;
  }

  /** A segment with SYN, FIN or RST: an entry of its own. */
  addControl(slots: FlowSlots, slot: number, batch: SegmentBatch, row: number): void {
    const base = slot * FLOW.words * 2;
    const flow = FLOW.offset;
    const i32 = slots.i32;
    const traits = batch.traits[row] as number;
    const flags = batch.flags[row] as number;
    const fromB = traits & FROM_B;
    i32[base + flow.openRunA] = NONE;
    i32[base + flow.openRunB] = NONE;
    let bits = i32[base + flow.bits] as number;
    if ((flags & SYN) !== 0) bits &= ~(FIN_A | FIN_B);
    if ((flags & FIN) !== 0) bits |= fromB ? FIN_B : FIN_A;
    i32[base + flow.bits] = bits;

    let what = CONTROL_ENTRY | (flags << FLAGS_SHIFT);
    if (fromB !== 0) what |= SENT_BY_B;
    if ((traits & TIMESTAMPS) !== 0) what |= HAS_TIMESTAMPS;
    if ((traits & DSACK) !== 0) what |= HAS_DSACK;
    if (this.#repeatsLast(slots, slot, batch, row, what)) return;

    const pool = this.#pools.controls;
    const index = pool.allocate();
    const o = CONTROL.offset;
    const f = index * CONTROL.words;
    const i = f * 2;
    const at = batch.time[row] as number;
    const mark = batch.mark[row] as number;
    pool.f64[f + o.at] = at;
    pool.f64[f + o.lastAt] = at;
    pool.f64[f + o.order] = batch.order[row] as number;
    const c = pool.i32;
    c[i + o.next] = NONE;
    c[i + o.what] = what;
    c[i + o.capture] = Math.floor(mark / MARK_CAPTURE);
    c[i + o.frame] = mark | 0;
    c[i + o.lastFrame] = mark | 0;
    c[i + o.seq] = batch.seq[row] as number;
    c[i + o.ack] = batch.ack[row] as number;
    c[i + o.length] = batch.length[row] as number;
    c[i + o.window] = batch.window[row] as number;
    c[i + o.scale] = (traits & WINDOW_SCALE) !== 0 ? (traits >>> SCALE_SHIFT) + 1 : 0;
    c[i + o.tsval] = batch.tsval[row] as number;
    c[i + o.tsecr] = batch.tsecr[row] as number;
    c[i + o.copies] = 1;
    this.#append(slots, slot, controlEntry(index));
  }

  /** Counts an identical control segment into the last entry, if enough of its copies stand alone already. */
  #repeatsLast(slots: FlowSlots, slot: number, batch: SegmentBatch, row: number, what: number): boolean {
    const base = slot * FLOW.words * 2;
    const bits = slots.i32[base + FLOW.offset.bits] as number;
    const last = slots.i32[base + FLOW.offset.lastEntry] as number;
    const o = CONTROL.offset;
    const { i32, f64 } = this.#pools.controls;
    const f = entryIndex(last) * CONTROL.words;
    const i = f * 2;
    const identical =
      last !== NONE &&
      !isRunEntry(last) &&
      i32[i + o.what] === what &&
      i32[i + o.seq] === batch.seq[row] &&
      i32[i + o.ack] === batch.ack[row] &&
      i32[i + o.length] === batch.length[row] &&
      i32[i + o.tsval] === batch.tsval[row] &&
      i32[i + o.capture] === Math.floor((batch.mark[row] as number) / MARK_CAPTURE);
    const repeats = identical ? Math.min((bits & REPEATS_MASK) >> REPEATS_SHIFT, COPIES_KEPT - 1) + 1 : 0;
    slots.i32[base + FLOW.offset.bits] = (bits & ~REPEATS_MASK) | (repeats << REPEATS_SHIFT);
    if (repeats < COPIES_KEPT) return false;
    i32[i + o.copies] = (i32[i + o.copies] as number) + 1;
    f64[f + o.lastAt] = batch.time[row] as number;
    i32[i + o.lastFrame] = (batch.mark[row] as number) | 0;
    return true;
  }

  /** Any other segment: into the open run of its direction. */
  addToRun(slots: FlowSlots, slot: number, batch: SegmentBatch, row: number): void {
    const flow = FLOW.offset;
    const base = slot * FLOW.words * 2;
    const at = batch.time[row] as number;
    if (at - (slots.f64[slot * FLOW.words + flow.lastAt] as number) >= RUN_SILENCE_NANOS) {
      slots.i32[base + flow.openRunA] = NONE;
      slots.i32[base + flow.openRunB] = NONE;
    }
    const fromB = (batch.traits[row] as number) & FROM_B;
    const mark = batch.mark[row] as number;
    const capture = Math.floor(mark / MARK_CAPTURE);
    let run = slots.i32[base + (fromB ? flow.openRunB : flow.openRunA)] as number;
    if (run === NONE || this.#pools.runs.i32[run * RUN.words * 2 + RUN.offset.capture] !== capture) {
      run = this.#openRun(slots, slot, fromB, at, mark, capture, batch.seq[row] as number);
    }
    this.#sum(run, slots.i32[base + (fromB ? flow.openRunA : flow.openRunB)] as number, batch, row);
  }

  #openRun(
    slots: FlowSlots,
    slot: number,
    fromB: number,
    at: number,
    mark: number,
    capture: number,
    seq: number,
  ): number {
    const pool = this.#pools.runs;
    const run = pool.allocate();
    const o = RUN.offset;
    const f = run * RUN.words;
    const i = f * 2;
    pool.f64[f + o.firstAt] = at;
    pool.f64[f + o.lastAt] = at;
    const r = pool.i32;
    r[i + o.next] = NONE;
    r[i + o.what] = fromB ? SENT_BY_B : 0;
    r[i + o.capture] = capture;
    r[i + o.firstFrame] = mark | 0;
    r[i + o.lastFrame] = mark | 0;
    r[i + o.seqLow] = seq;
    r[i + o.windowMin] = 0xffff;
    slots.i32[slot * FLOW.words * 2 + (fromB ? FLOW.offset.openRunB : FLOW.offset.openRunA)] = run;
    this.#append(slots, slot, runEntry(run));
    return run;
  }

  /** Adds one segment to a run. `other` is the open run of the other direction: payload here answers what was asked there. */
  #sum(run: number, other: number, batch: SegmentBatch, row: number): void {
    const { i32, f64 } = this.#pools.runs;
    const o = RUN.offset;
    const f = run * RUN.words;
    const i = f * 2;
    const at = batch.time[row] as number;
    const frame = (batch.mark[row] as number) | 0;
    const seq = batch.seq[row] as number;
    const length = batch.length[row] as number;
    const flags = batch.flags[row] as number;
    const window = batch.window[row] as number;
    let what = i32[i + o.what] as number;

    i32[i + o.segments] = (i32[i + o.segments] as number) + 1;
    if (at >= (f64[f + o.lastAt] as number)) {
      f64[f + o.lastAt] = at;
      i32[i + o.lastFrame] = frame;
    }
    if (isBefore(seq, i32[i + o.seqLow] as number)) i32[i + o.seqLow] = seq;

    if (length > 0) {
      const end = (seq + length) | 0;
      f64[f + o.payloadBytes] = (f64[f + o.payloadBytes] as number) + length;
      if ((what & HAS_PAYLOAD) === 0) {
        f64[f + o.dataRange] = length;
        f64[f + o.dataEndAt] = at;
        i32[i + o.dataEnd] = end;
        i32[i + o.dataEndFrame] = frame;
      } else {
        const advanced = distance(i32[i + o.dataEnd] as number, end);
        if (advanced > 0) {
          f64[f + o.dataRange] = (f64[f + o.dataRange] as number) + advanced;
          f64[f + o.dataEndAt] = at;
          i32[i + o.dataEnd] = end;
          i32[i + o.dataEndFrame] = frame;
        }
        const reach = distance(seq, i32[i + o.dataEnd] as number);
        if (reach > (f64[f + o.dataRange] as number)) f64[f + o.dataRange] = reach;
      }
      what |= HAS_PAYLOAD;
      if (length > 1 || (flags & PSH) !== 0) {
        f64[f + o.lastPayloadAt] = at;
        i32[i + o.lastPayloadFrame] = frame;
        what |= HAS_SOLID_PAYLOAD;
        if ((what & HAS_ASK) === 0) {
          what |= HAS_ASK;
          f64[f + o.askAt] = at;
          i32[i + o.askSeq] = seq;
          i32[i + o.askFrame] = frame;
        }
        if (other !== NONE) {
          const otherWhat = other * RUN.words * 2 + o.what;
          i32[otherWhat] = (i32[otherWhat] as number) & ~HAS_ASK;
        }
      }
    } else {
      i32[i + o.bareLastSeq] = seq;
      if ((what & HAS_BARE) === 0 || isAfter(seq, i32[i + o.bareSeq] as number)) {
        what |= HAS_BARE;
        f64[f + o.bareAt] = at;
        i32[i + o.bareSeq] = seq;
        i32[i + o.bareFrame] = frame;
      }
    }

    if ((flags & ACK) !== 0) {
      const ack = batch.ack[row] as number;
      if ((what & HAS_ACK) === 0 || isAfter(ack, i32[i + o.ack] as number)) {
        const traits = batch.traits[row] as number;
        what = (what & ~(ACK_HAS_TIMESTAMPS | ACK_HAS_DSACK)) | HAS_ACK;
        if ((traits & TIMESTAMPS) !== 0) what |= ACK_HAS_TIMESTAMPS;
        if ((traits & DSACK) !== 0) what |= ACK_HAS_DSACK;
        f64[f + o.ackAt] = at;
        i32[i + o.ack] = ack;
        i32[i + o.ackFrame] = frame;
        i32[i + o.ackSeq] = seq;
        i32[i + o.ackTsecr] = batch.tsecr[row] as number;
      }
    }

    i32[i + o.windowLast] = window;
    if (window < (i32[i + o.windowMin] as number)) i32[i + o.windowMin] = window;
    if (window > (i32[i + o.windowMax] as number)) i32[i + o.windowMax] = window;
    if (window > 0) what &= ~HAS_ZERO;
    else if ((what & HAS_ZERO) === 0) {
      what |= HAS_ZERO;
      f64[f + o.zeroAt] = at;
    }
    i32[i + o.what] = what;
  }

  #append(slots: FlowSlots, slot: number, entry: number): void {
    const base = slot * FLOW.words * 2;
    const o = FLOW.offset;
    const i32 = slots.i32;
    const last = i32[base + o.lastEntry] as number;
    if (last === NONE) i32[base + o.firstEntry] = entry;
    else if (isRunEntry(last)) {
      this.#pools.runs.i32[entryIndex(last) * RUN.words * 2 + RUN.offset.next] = entry;
    } else this.#pools.controls.i32[entryIndex(last) * CONTROL.words * 2 + CONTROL.offset.next] = entry;
    i32[base + o.lastEntry] = entry;
    i32[base + o.bits] = (i32[base + o.bits] as number) + ENTRY_COUNT_ONE;
  }

  /** Frees all entries of a slot. */
  freeEntries(slots: FlowSlots, slot: number): void {
    const base = slot * FLOW.words * 2;
    const o = FLOW.offset;
    const { controls, runs } = this.#pools;
    let entry = slots.i32[base + o.firstEntry] as number;
    while (entry !== NONE) {
      const index = entryIndex(entry);
      const isRun = isRunEntry(entry);
      entry = (
        isRun
          ? runs.i32[index * RUN.words * 2 + RUN.offset.next]
          : controls.i32[index * CONTROL.words * 2 + CONTROL.offset.next]
      ) as number;
      if (isRun) runs.free(index);
      else controls.free(index);
    }
  }
}
