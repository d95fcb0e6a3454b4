import {
  CONTROL,
  CONTROL_BESIDE,
  CONTROL_ENTRY,
  FLAGS_SHIFT,
  HAS_COPIES,
  HAS_DSACK,
  HAS_TIMESTAMPS,
  NONE,
  SENT_BY_B,
} from "../transcript/entries.ts";
import type { Pool } from "../transcript/layout.ts";
import { DSACK, FROM_B, SCALE_SHIFT, type SegmentBatch, TIMESTAMPS, WINDOW_SCALE } from "../wire/segment-batch.ts";

const WORDS = CONTROL.words;
const { at: AT, order: ORDER, next: NEXT, what: WHAT, capture: CAPTURE, frame: FRAME } = CONTROL.offset;
const { seq: SEQ, ack: ACK_NUMBER, length: LENGTH, window: WINDOW } = CONTROL.offset;
const { scale: SCALE, tsval: TSVAL, tsecr: TSECR } = CONTROL.offset;

const BESIDE_WORDS = CONTROL_BESIDE.words;
const { copyAt: COPY_AT, copyFrame: COPY_FRAME, copyCount: COPY_COUNT } = CONTROL_BESIDE.offset;

/** `what` of a control entry that stands for this row. */
function whatOf(batch: SegmentBatch, row: number): number {
  const traits = batch.traits[row] as number;
  let what = CONTROL_ENTRY | ((batch.flags[row] as number) << FLAGS_SHIFT);
  if ((traits & FROM_B) !== 0) what |= SENT_BY_B;
  if ((traits & TIMESTAMPS) !== 0) what |= HAS_TIMESTAMPS;
  if ((traits & DSACK) !== 0) what |= HAS_DSACK;
  return what;
}

/** Writes a segment with SYN, FIN or RST into a new control entry and returns its index. */
export function writeControl(pool: Pool, batch: SegmentBatch, row: number): number {
  const index = pool.allocate();
  const f = index * WORDS;
  const i = f * 2;
  const { f64, i32 } = pool;
  const traits = batch.traits[row] as number;
  f64[f + AT] = batch.time[row] as number;
  f64[f + ORDER] = batch.order[row] as number;
  i32[i + NEXT] = NONE;
  i32[i + WHAT] = whatOf(batch, row);
  i32[i + CAPTURE] = batch.capture[row] as number;
  i32[i + FRAME] = batch.frame[row] as number;
  i32[i + SEQ] = batch.seq[row] as number;
  i32[i + ACK_NUMBER] = batch.ack[row] as number;
  i32[i + LENGTH] = batch.length[row] as number;
  i32[i + WINDOW] = batch.window[row] as number;
  i32[i + SCALE] = (traits & WINDOW_SCALE) !== 0 ? (traits >>> SCALE_SHIFT) + 1 : 0;
  i32[i + TSVAL] = batch.tsval[row] as number;
  i32[i + TSECR] = batch.tsecr[row] as number;
  return index;
}

/** Whether the segment is the same as the one the entry stands for, timestamps included. */
export function isSameControl({ i32 }: Pool, index: number, batch: SegmentBatch, row: number): boolean {
  const i = index * WORDS * 2;
  return (
    i32[i + SEQ] === batch.seq[row] &&
    i32[i + ACK_NUMBER] === batch.ack[row] &&
    i32[i + LENGTH] === batch.length[row] &&
    i32[i + TSVAL] === batch.tsval[row] &&
    ((i32[i + WHAT] as number) & ~HAS_COPIES) === whatOf(batch, row) &&
    i32[i + CAPTURE] === batch.capture[row]
  );
}

/** Counts one more copy into an entry. */
export function addCopy(pool: Pool, index: number, batch: SegmentBatch, row: number): void {
  pool.useBeside();
  const { i32, beside32, beside64 } = pool;
  const what = index * WORDS * 2 + WHAT;
  const beside = index * BESIDE_WORDS;
  const count = ((i32[what] as number) & HAS_COPIES) === 0 ? 1 : (beside32[beside * 2 + COPY_COUNT] as number);
  i32[what] = (i32[what] as number) | HAS_COPIES;
  beside64[beside + COPY_AT] = batch.time[row] as number;
  beside32[beside * 2 + COPY_FRAME] = batch.frame[row] as number;
  beside32[beside * 2 + COPY_COUNT] = count + 1;
}

export const controlLink = (index: number): number => index * WORDS * 2 + NEXT;
