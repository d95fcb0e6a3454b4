import {
  ACK_HAS_DSACK,
  ACK_HAS_TIMESTAMPS,
  CAPTURE_SHIFT,
  HAS_ACK,
  HAS_ASK,
  HAS_BARE,
  HAS_PAYLOAD,
  HAS_PROBE,
  HAS_SOLID_PAYLOAD,
  HAS_ZERO,
  NONE,
  RUN,
  SENT_BY_B,
} from "../transcript/entries.ts";
import type { Pool } from "../transcript/layout.ts";
import { ACK, DSACK, FROM_B, MARK_CAPTURE, PSH, type SegmentBatch, TIMESTAMPS } from "../wire/segment-batch.ts";

const WORDS = RUN.words;
const { lastAt: LAST_AT, payloadBytes: PAYLOAD_BYTES, dataRange: DATA_RANGE, dataEndAt: DATA_END_AT } = RUN.offset;
const { ackAt: ACK_AT, lastPayloadAt: LAST_PAYLOAD_AT, firstAt: FIRST_AT } = RUN.offset;
const { askAt: ASK_AT, zeroAt: ZERO_AT, next: NEXT, what: WHAT, segments: SEGMENTS } = RUN.offset;
const { lastFrame: LAST_FRAME, dataEnd: DATA_END, ack: ACK_HIGH, ackFrame: ACK_FRAME, ackSeq: ACK_SEQ } = RUN.offset;
const { ackTsecr: ACK_TSECR, windows: WINDOWS, bareSeq: BARE_SEQ } = RUN.offset;
const { firstFrame: FIRST_FRAME, seqLow: SEQ_LOW, lastPayloadFrame: LAST_PAYLOAD_FRAME } = RUN.offset;
const { askSeq: ASK_SEQ, askFrame: ASK_FRAME, probeAt: PROBE_AT, probeSeq: PROBE_SEQ } = RUN.offset;

/** Opens a run with nothing in it yet, for the direction and capture of this row, and returns its index. */
export function openRun(pool: Pool, batch: SegmentBatch, row: number): number {
  const index = pool.allocate();
  const f = index * WORDS;
  const i = f * 2;
  const { f64, i32 } = pool;
  const at = batch.time[row] as number;
  const mark = batch.mark[row] as number;
  f64[f + FIRST_AT] = at;
  f64[f + LAST_AT] = at;
  i32[i + NEXT] = NONE;
  const capture = Math.floor(mark / MARK_CAPTURE);
  i32[i + WHAT] = (capture << CAPTURE_SHIFT) | (((batch.traits[row] as number) & FROM_B) !== 0 ? SENT_BY_B : 0);
  i32[i + SEGMENTS] = 0;
  i32[i + WINDOWS] = 0;
  f64[f + PAYLOAD_BYTES] = 0;
  f64[f + DATA_RANGE] = 0;
  i32[i + FIRST_FRAME] = mark | 0;
  i32[i + LAST_FRAME] = mark | 0;
  i32[i + SEQ_LOW] = batch.seq[row] as number;
  return index;
}

export const runLink = (index: number): number => index * WORDS * 2 + NEXT;

/** Reads what the next segment of a run will write, so that it is in the cache by then; the sum only keeps the reads alive. */
export function touchRun({ f64, i32 }: Pool, run: number): number {
  const f = run * WORDS;
  return (f64[f + LAST_AT] as number) + (i32[f * 2 + ACK_HIGH] as number);
}

/** Marks are whole numbers below 2^53: the capture is what stands above 32 bits. */
export const isOfCapture = ({ i32 }: Pool, index: number, mark: number): boolean =>
  (i32[index * WORDS * 2 + WHAT] as number) >>> CAPTURE_SHIFT === Math.floor(mark / MARK_CAPTURE);

/** Payload that is more than a single octet without PSH, which may be a keep-alive probe. */
export function hasSolidPayload(batch: SegmentBatch, row: number): boolean {
  const length = batch.length[row] as number;
  return length > 1 || (length === 1 && ((batch.flags[row] as number) & PSH) !== 0);
}

/** The other direction answered. */
export function clearAsk({ i32 }: Pool, run: number): void {
  const what = run * WORDS * 2 + WHAT;
  i32[what] = (i32[what] as number) & ~HAS_ASK;
}

/** Adds one segment to a run. */
export function addToRun({ f64, i32 }: Pool, run: number, batch: SegmentBatch, row: number): void {
  const f = run * WORDS;
  const i = f * 2;
  const at = batch.time[row] as number;
  const frame = (batch.mark[row] as number) | 0;
  const seq = batch.seq[row] as number;
  const length = batch.length[row] as number;
  const flags = batch.flags[row] as number;
  const window = batch.window[row] as number;
  let what = i32[i + WHAT] as number;

  i32[i + SEGMENTS] = (i32[i + SEGMENTS] as number) + 1;
  const mayBeProbe = length <= 1 && (flags & PSH) === 0;
  if (mayBeProbe || (what & (HAS_BARE | HAS_PAYLOAD)) === HAS_BARE)
    what = noteProbe(f64, i32, f, what, at, seq, mayBeProbe);
  if (at >= (f64[f + LAST_AT] as number)) {
    f64[f + LAST_AT] = at;
    i32[i + LAST_FRAME] = frame;
  }
  if (((seq - (i32[i + SEQ_LOW] as number)) | 0) < 0) i32[i + SEQ_LOW] = seq;

  if (length > 0) {
    const end = (seq + length) | 0;
    f64[f + PAYLOAD_BYTES] = (f64[f + PAYLOAD_BYTES] as number) + length;
    const advanced = (what & HAS_PAYLOAD) === 0 ? length : (end - (i32[i + DATA_END] as number)) | 0;
    if (advanced > 0) {
      f64[f + DATA_RANGE] = (f64[f + DATA_RANGE] as number) + advanced;
      f64[f + DATA_END_AT] = at;
      i32[i + DATA_END] = end;
    }
    const reach = ((i32[i + DATA_END] as number) - seq) | 0;
    if (reach > (f64[f + DATA_RANGE] as number)) f64[f + DATA_RANGE] = reach;
    what |= HAS_PAYLOAD;
    if (length > 1 || (flags & PSH) !== 0) {
      f64[f + LAST_PAYLOAD_AT] = at;
      i32[i + LAST_PAYLOAD_FRAME] = frame;
      if ((what & HAS_ASK) === 0) {
        f64[f + ASK_AT] = at;
        i32[i + ASK_SEQ] = seq;
        i32[i + ASK_FRAME] = frame;
      }
      what |= HAS_SOLID_PAYLOAD | HAS_ASK;
    }
  } else if ((what & HAS_BARE) === 0 || ((seq - (i32[i + BARE_SEQ] as number)) | 0) > 0) {
    what |= HAS_BARE;
    i32[i + BARE_SEQ] = seq;
  }

  if ((flags & ACK) !== 0) {
    const ack = batch.ack[row] as number;
    if ((what & HAS_ACK) === 0 || ((ack - (i32[i + ACK_HIGH] as number)) | 0) > 0) {
      const traits = batch.traits[row] as number;
      what = (what & ~(ACK_HAS_TIMESTAMPS | ACK_HAS_DSACK)) | HAS_ACK;
      if ((traits & TIMESTAMPS) !== 0) what |= ACK_HAS_TIMESTAMPS;
      if ((traits & DSACK) !== 0) what |= ACK_HAS_DSACK;
      f64[f + ACK_AT] = at;
      i32[i + ACK_HIGH] = ack;
      i32[i + ACK_FRAME] = frame;
      i32[i + ACK_SEQ] = seq;
      i32[i + ACK_TSECR] = batch.tsecr[row] as number;
    }
  }

  i32[i + WINDOWS] = window | (Math.max(window, (i32[i + WINDOWS] as number) >>> 16) << 16);
  if (window > 0) what &= ~HAS_ZERO;
  else if ((what & HAS_ZERO) === 0) {
    what |= HAS_ZERO;
    f64[f + ZERO_AT] = at;
  }
  i32[i + WHAT] = what;
}

/**
 * A probe stands one below everything else of its end (RFC 9293 §3.8.4, §3.8.6.1): it is known by what the run holds already, or, when the
 * run began with probes, by the first segment that stands one above them.
 */
function noteProbe(
  f64: Float64Array,
  i32: Int32Array,
  f: number,
  what: number,
  at: number,
  seq: number,
  mayBeProbe: boolean,
): number {
  const i = f * 2;
  const hasBare = (what & HAS_BARE) !== 0;
  if ((what & HAS_PAYLOAD) === 0 && !hasBare) return what;
  let high = ((what & HAS_PAYLOAD) !== 0 ? i32[i + DATA_END] : i32[i + BARE_SEQ]) as number;
  if (hasBare && (((i32[i + BARE_SEQ] as number) - high) | 0) > 0) high = i32[i + BARE_SEQ] as number;
  const above = (seq - high) | 0;
  if (above !== 1 && !(above === -1 && mayBeProbe)) return what;
  f64[f + PROBE_AT] = above === -1 ? at : (f64[f + LAST_AT] as number);
  i32[i + PROBE_SEQ] = above === -1 ? seq : high;
  return what | HAS_PROBE;
}
