import {
  ACK_HAS_DSACK,
  ACK_HAS_TIMESTAMPS,
  CAPTURE_SHIFT,
  HAS_ACK,
  HAS_ASK,
  HAS_BARE,
  HAS_BARE_AT,
  HAS_BEFORE,
  HAS_OCTET,
  HAS_PAYLOAD,
  HAS_PROBE,
  HAS_SOLID_PAYLOAD,
  HAS_START,
  HAS_ZERO,
  NONE,
  RUN,
  RUN_BESIDE,
  SENT_BY_B,
} from "../transcript/entries.ts";
import type { Pool } from "../transcript/layout.ts";
import { ACK, DSACK, FIN, FROM_B, PSH, RST, type SegmentBatch, SYN, TIMESTAMPS } from "../wire/segment-batch.ts";

import { ANSWERED_A, ANSWERED_B, ENDED, FIN_A, FIN_B, FLOW, SETTLING } from "./flow-record.ts";

const WORDS = RUN.words;
const { lastAt: LAST_AT, payloadBytes: PAYLOAD_BYTES, dataRange: DATA_RANGE, dataEndAt: DATA_END_AT } = RUN.offset;
const { ackAt: ACK_AT, lastPayloadAt: LAST_PAYLOAD_AT, firstAt: FIRST_AT } = RUN.offset;
const { askAt: ASK_AT, next: NEXT, what: WHAT, segments: SEGMENTS } = RUN.offset;
const { lastFrame: LAST_FRAME, dataEnd: DATA_END, ack: ACK_HIGH, ackFrame: ACK_FRAME, ackSeq: ACK_SEQ } = RUN.offset;
const { ackTsecr: ACK_TSECR, windows: WINDOWS, bareSeq: BARE_SEQ } = RUN.offset;
const { firstFrame: FIRST_FRAME, seqLow: SEQ_LOW, lastPayloadFrame: LAST_PAYLOAD_FRAME } = RUN.offset;
const { askSeq: ASK_SEQ, askFrame: ASK_FRAME } = RUN.offset;

const FLOW_WORDS = FLOW.words;
const { lastAt: FLOW_LAST_AT, bits: BITS, openRunA: OPEN_RUN_A, openRunB: OPEN_RUN_B } = FLOW.offset;

/** Bits of a flow whose segments need a second look. */
const UNUSUAL = FIN_A | FIN_B | SETTLING | ENDED;

/** Before any FIN, only so long a silence is worth an entry. */
export const OPEN_RUN_SILENCE_NANOS = 10e9;

const BESIDE_WORDS = RUN_BESIDE.words;
const { zeroAt: ZERO_AT, probeAt: PROBE_AT, probeSeq: PROBE_SEQ } = RUN_BESIDE.offset;
const { octetAt: OCTET_AT, octetSeq: OCTET_SEQ, bareAt: BARE_AT } = RUN_BESIDE.offset;
const { startAt: START_AT, startSeq: START_SEQ, beforeEndAt: BEFORE_END_AT } = RUN_BESIDE.offset;

/** Opens a run with nothing in it yet, for the direction and capture of this row, and returns its index. */
export function openRun(pool: Pool, batch: SegmentBatch, row: number): number {
  const index = pool.allocate();
  const f = index * WORDS;
  const i = f * 2;
  const { f64, i32 } = pool;
  const at = batch.time[row] as number;
  const frame = batch.frame[row] as number;
  f64[f + FIRST_AT] = at;
  f64[f + LAST_AT] = at;
  f64[f + PAYLOAD_BYTES] = 0;
  f64[f + DATA_RANGE] = 0;
  i32[i + WHAT] =
    ((batch.capture[row] as number) << CAPTURE_SHIFT) |
    (((batch.traits[row] as number) & FROM_B) !== 0 ? SENT_BY_B : 0);
  i32[i + SEGMENTS] = 0;
  i32[i + WINDOWS] = 0;
  i32[i + NEXT] = NONE;
  i32[i + FIRST_FRAME] = frame;
  i32[i + LAST_FRAME] = frame;
  i32[i + SEQ_LOW] = batch.seq[row] as number;
  return index;
}

/** Where the second half of a run begins, see touch.ts. */
export const RUN_SECOND_LINE = WHAT;

export const runLink = (index: number): number => index * WORDS * 2 + NEXT;

export const isOfCapture = ({ i32 }: Pool, index: number, capture: number): boolean =>
  (i32[index * WORDS * 2 + WHAT] as number) >>> CAPTURE_SHIFT === capture;

/** The other direction answered. */
export function clearAsk({ i32 }: Pool, run: number): void {
  const what = run * WORDS * 2 + WHAT;
  i32[what] = (i32[what] as number) & ~HAS_ASK;
}

/**
 * Adds rows `first` to `end` to the open runs of their flows, as long as each has one that it may go on in: no control segment, no flow that
 * closes or may be over, no other capture, no long silence. Returns the first row that was not added. Of a row that is `prepared` nothing
 * is asked. This is where nearly every segment goes, so it is one loop over plain arrays.
 */
export function addToRuns(
  flows: Pool,
  pool: Pool,
  found: Int32Array,
  batch: SegmentBatch,
  first: number,
  end: number,
  prepared: boolean,
): number {
  const flow64 = flows.f64;
  const flow32 = flows.i32;
  const { f64, i32 } = pool;
  const { time, frame: frames, capture, traits, flags: allFlags, seq: seqs, length: lengths } = batch;
  for (let row = first; row < end; row++) {
    if (found[row] === NONE) return row;
    const flow = (found[row] as number) * FLOW_WORDS;
    const flow2 = flow * 2;
    const at = time[row] as number;
    const flags = allFlags[row] as number;
    const fromB = ((traits[row] as number) & FROM_B) !== 0;
    const run = flow32[flow2 + (fromB ? OPEN_RUN_B : OPEN_RUN_A)] as number;
    const f = run * WORDS;
    const i = f * 2;
    let bits = flow32[flow2 + BITS] as number;
    if (!prepared) {
      if (run === NONE || (flags & (SYN | FIN | RST)) !== 0 || (bits & UNUSUAL) !== 0) return row;
      if (at - (flow64[flow + FLOW_LAST_AT] as number) >= OPEN_RUN_SILENCE_NANOS) return row;
      if ((i32[i + WHAT] as number) >>> CAPTURE_SHIFT !== capture[row]) return row;
    }
    if (at > (flow64[flow + FLOW_LAST_AT] as number)) flow64[flow + FLOW_LAST_AT] = at;

    let what = i32[i + WHAT] as number;
    const answered = fromB ? ANSWERED_B : ANSWERED_A;
    if ((bits & answered) !== 0) {
      what &= ~HAS_ASK;
      bits &= ~answered;
    }
    const seq = seqs[row] as number;
    const length = lengths[row] as number;
    const frame = frames[row] as number;
    i32[i + SEGMENTS] = (i32[i + SEGMENTS] as number) + 1;

    // A probe stands one below everything else of its end, see noteProbe().
    const mayBeProbe = length <= 1 && (flags & PSH) === 0;
    if ((what & (HAS_BARE | HAS_PAYLOAD)) !== 0 && (mayBeProbe || (what & HAS_PAYLOAD) === 0)) {
      let high = ((what & HAS_PAYLOAD) !== 0 ? i32[i + DATA_END] : i32[i + BARE_SEQ]) as number;
      if ((what & HAS_BARE) !== 0 && (((i32[i + BARE_SEQ] as number) - high) | 0) > 0)
        high = i32[i + BARE_SEQ] as number;
      const above = (seq - high) | 0;
      const isAboveProbe = above === 1 && (what & HAS_SOLID_PAYLOAD) === 0;
      if (isAboveProbe || (above === -1 && mayBeProbe)) {
        noteProbe(pool, run, above === -1 ? at : (f64[f + LAST_AT] as number), above === -1 ? seq : high);
        what |= HAS_PROBE;
      } else if (above !== 0 && (what & HAS_PAYLOAD) === 0 && i32[i + SEQ_LOW] === i32[i + BARE_SEQ]) {
        what |= noteStart(pool, run, f64[f + LAST_AT] as number, high);
      }
    }

    if (at >= (f64[f + LAST_AT] as number)) {
      f64[f + LAST_AT] = at;
      i32[i + LAST_FRAME] = frame;
    }
    if (((seq - (i32[i + SEQ_LOW] as number)) | 0) < 0) i32[i + SEQ_LOW] = seq;

    if (length > 0) {
      const dataEnd = (seq + length) | 0;
      f64[f + PAYLOAD_BYTES] = (f64[f + PAYLOAD_BYTES] as number) + length;
      const advanced = (what & HAS_PAYLOAD) === 0 ? length : (dataEnd - (i32[i + DATA_END] as number)) | 0;
      if (advanced > 0) {
        what &= ~HAS_BEFORE;
        if (advanced === 1 && mayBeProbe && (what & HAS_PAYLOAD) !== 0) what |= noteEndBefore(pool, run);
        f64[f + DATA_RANGE] = (f64[f + DATA_RANGE] as number) + advanced;
        f64[f + DATA_END_AT] = at;
        i32[i + DATA_END] = dataEnd;
      }
      const reach = ((i32[i + DATA_END] as number) - seq) | 0;
      if (reach > (f64[f + DATA_RANGE] as number)) f64[f + DATA_RANGE] = reach;
      const isFirst = (what & HAS_PAYLOAD) === 0;
      what |= HAS_PAYLOAD;
      // Single octets without PSH may be keep-alive probes.
      if (length > 1 || (flags & PSH) !== 0) {
        f64[f + LAST_PAYLOAD_AT] = at;
        i32[i + LAST_PAYLOAD_FRAME] = frame;
        if ((what & HAS_ASK) === 0) {
          f64[f + ASK_AT] = at;
          i32[i + ASK_SEQ] = seq;
          i32[i + ASK_FRAME] = frame;
        }
        what |= HAS_SOLID_PAYLOAD | HAS_ASK;
        bits |= fromB ? ANSWERED_A : ANSWERED_B;
      } else if (isFirst || (what & (HAS_OCTET | HAS_SOLID_PAYLOAD)) === HAS_OCTET) {
        what |= noteOctet(pool, run, at, seq, isFirst);
      }
    } else if ((what & HAS_BARE) === 0 || ((seq - (i32[i + BARE_SEQ] as number)) | 0) > 0) {
      // Empty segments at the end of the payload, or the first of a run without payload, need no time of their own.
      const isUsual =
        (what & HAS_PAYLOAD) === 0 ? (what & HAS_BARE) === 0 : ((seq - (i32[i + DATA_END] as number)) | 0) <= 0;
      what = isUsual ? what & ~HAS_BARE_AT : what | noteBare(pool, run, at);
      what |= HAS_BARE;
      i32[i + BARE_SEQ] = seq;
    }

    if ((flags & ACK) !== 0) {
      const ack = batch.ack[row] as number;
      if ((what & HAS_ACK) === 0 || ((ack - (i32[i + ACK_HIGH] as number)) | 0) > 0) {
        what = (what & ~(ACK_HAS_TIMESTAMPS | ACK_HAS_DSACK)) | HAS_ACK;
        if (((traits[row] as number) & TIMESTAMPS) !== 0) what |= ACK_HAS_TIMESTAMPS;
        if (((traits[row] as number) & DSACK) !== 0) what |= ACK_HAS_DSACK;
        f64[f + ACK_AT] = at;
        i32[i + ACK_HIGH] = ack;
        i32[i + ACK_FRAME] = frame;
        i32[i + ACK_SEQ] = seq;
        i32[i + ACK_TSECR] = batch.tsecr[row] as number;
      }
    }

    const window = batch.window[row] as number;
    const largest = (i32[i + WINDOWS] as number) >>> 16;
    i32[i + WINDOWS] = window | ((window > largest ? window : largest) << 16);
    if (window > 0) what &= ~HAS_ZERO;
    else if ((what & HAS_ZERO) === 0) {
      what |= HAS_ZERO;
      noteZero(pool, run, at);
    }
    i32[i + WHAT] = what;
    flow32[flow2 + BITS] = bits;
  }
  return end;
}

function noteZero(pool: Pool, run: number, at: number): void {
  pool.useBeside();
  pool.beside64[run * BESIDE_WORDS + ZERO_AT] = at;
}

/**
 * A probe stands one below everything else of its end (RFC 9293 §3.8.4, §3.8.6.1): it is known by what the run holds already, or, when the
 * run began with probes, by the first segment that stands one above them.
 */
function noteProbe(pool: Pool, run: number, at: number, seq: number): void {
  pool.useBeside();
  pool.beside64[run * BESIDE_WORDS + PROBE_AT] = at;
  pool.beside32[run * BESIDE_WORDS * 2 + PROBE_SEQ] = seq;
}

/** An octet without PSH that nothing in the run tells from a probe: what was sent before the run does. */
function noteOctet(pool: Pool, run: number, at: number, seq: number, isFirst: boolean): number {
  pool.useBeside();
  if (isFirst) pool.beside32[run * BESIDE_WORDS * 2 + OCTET_SEQ] = seq;
  if (pool.beside32[run * BESIDE_WORDS * 2 + OCTET_SEQ] === seq) pool.beside64[run * BESIDE_WORDS + OCTET_AT] = at;
  return HAS_OCTET;
}

/** Empty segments that the run began with, where nothing in it tells them from probes: what was sent before the run does. */
function noteStart(pool: Pool, run: number, at: number, seq: number): number {
  pool.useBeside();
  pool.beside64[run * BESIDE_WORDS + START_AT] = at;
  pool.beside32[run * BESIDE_WORDS * 2 + START_SEQ] = seq;
  return HAS_START;
}

function noteEndBefore(pool: Pool, run: number): number {
  pool.useBeside();
  pool.beside64[run * BESIDE_WORDS + BEFORE_END_AT] = pool.f64[run * WORDS + DATA_END_AT] as number;
  return HAS_BEFORE;
}

function noteBare(pool: Pool, run: number, at: number): number {
  pool.useBeside();
  pool.beside64[run * BESIDE_WORDS + BARE_AT] = at;
  return HAS_BARE_AT;
}
