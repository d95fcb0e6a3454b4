import {
  ACK_HAS_DSACK,
  ACK_HAS_TIMESTAMPS,
  CAPTURE_SHIFT,
  type Control,
  HAS_ACK,
  HAS_ASK,
  HAS_BARE,
  HAS_BARE_AT,
  HAS_BEFORE,
  HAS_DSACK,
  HAS_OCTET,
  HAS_PAYLOAD,
  HAS_PROBE,
  HAS_SOLID_PAYLOAD,
  HAS_START,
  HAS_TIMESTAMPS,
  HAS_ZERO,
  type Run,
} from "../transcript/entries.ts";
import { ACK, SYN } from "../wire/segment-batch.ts";
import { advance, distance, earliest, isAfter, latest } from "../wire/sequence-number.ts";
import {
  ACK_DSACKED,
  ACK_SENT,
  ACK_TIMESTAMPED,
  ANOMALOUS,
  ASKED,
  ASKED_LATER,
  BARE_SENT,
  DATA_SENT,
  type End,
  FIN_ACK_ARRIVED,
  FIN_ACK_DSACKED,
  FIN_ACK_TIMESTAMPED,
  FIN_ACKED,
  FIN_SENT,
  LAST_WAS_PAYLOAD,
  REFILLED,
  SEGMENTS_SEEN,
  SND_MAX_KNOWN,
  SOLID_PAYLOAD_SENT,
  SPOKE,
  ZERO_WINDOW,
} from "./conversation.ts";

/*
 * What any segment says about the end that sent it: that it was there, how far it has sent, what it has received, what it will take. What
 * SYN, FIN and RST mean beyond that is in handshake.ts, teardown.ts and reset.ts.
 */

/** Number of the capture a run was seen in. */
export const captureOf = (run: Run): number => run.what >>> CAPTURE_SHIFT;

export const has = (end: { bits: number }, bits: number): boolean => (end.bits & bits) !== 0;

/** A run of segments without SYN, FIN and RST, sent by `me`. */
export function observeRun(me: End, peer: End, run: Run): void {
  seen(me, run.firstAt, run.lastAt, run.lastFrame, captureOf(run), run.segments, run.seqLow);
  me.aliveAt = run.lastAt;
  speak(me, run.firstAt);
  const { what } = run;
  const highBefore = highest(me);
  if ((what & HAS_PAYLOAD) !== 0) {
    // The acknowledgment may stand in the run before this one and still be later.
    const mayFill = has(me, FIN_SENT) && (!has(me, FIN_ACKED) || run.firstAt <= me.finAckAt);
    if (mayFill && !isOnlyProbes(run, highBefore)) {
      me.bits |= REFILLED;
      me.refillAt = (what & HAS_SOLID_PAYLOAD) !== 0 ? run.lastPayloadAt : run.lastAt;
      // An octet at the FIN's own number is a keep-alive, and fills nothing.
      const endsWithProbe = (what & HAS_BEFORE) !== 0 && run.dataEnd === advance(me.finSeq, 1);
      me.refillEndAt = endsWithProbe ? run.beforeEndAt : run.dataEndAt;
    }
    addPayload(me, run.payloadBytes, run.dataRange, run.dataEnd, run.dataEndAt);
  }
  if ((what & HAS_SOLID_PAYLOAD) !== 0) {
    paid(me, peer, run.lastPayloadAt, captureOf(run), run.lastPayloadFrame);
  }
  if ((what & HAS_ASK) !== 0) ask(me, run.askAt, run.askSeq, captureOf(run), run.askFrame);
  if ((what & HAS_BARE) !== 0 && (!has(me, BARE_SENT) || isAfter(run.bareSeq, me.bareSeq))) {
    me.bits |= BARE_SENT;
    me.bareSeq = run.bareSeq;
    me.bareAt = (what & HAS_BARE_AT) !== 0 ? run.bareAt : run.firstAt;
  }
  noteProbes(me, run, highBefore);
  // By frames: an empty segment may follow in the same microsecond.
  setLastWasPayload(me, (what & HAS_SOLID_PAYLOAD) !== 0 && run.lastPayloadFrame === run.lastFrame);
  const largest = run.windows >>> 16;
  window(me, run.windows & 0xffff, largest, (what & HAS_ZERO) !== 0, largest > 0, run.zeroAt);
  if ((what & HAS_ACK) !== 0) {
    acknowledge(
      me,
      peer,
      run.ack,
      run.ackAt,
      run.ackFrame,
      captureOf(run),
      run.ackSeq,
      run.ackTsecr,
      (what & ACK_HAS_TIMESTAMPS) !== 0,
      (what & ACK_HAS_DSACK) !== 0,
    );
  }
}

/** What a control segment says besides its SYN, FIN or RST. `octets`: the control bits it counts in the sequence (SYN, FIN). */
export function observeControl(me: End, peer: End, control: Control, flags: number, octets: number): void {
  seen(me, control.at, control.lastAt, control.lastFrame, control.capture, control.copies, control.seq);
  me.aliveAt = control.lastAt;
  const { length } = control;
  const end = advance(control.seq, length + octets);
  if (length > 0) {
    const start = (flags & SYN) !== 0 ? advance(control.seq, 1) : control.seq;
    addPayload(me, length * control.copies, length, advance(start, length), control.at);
    paid(me, peer, control.lastAt, control.capture, control.lastFrame);
    ask(me, control.at, start, control.capture, control.frame);
  }
  setLastWasPayload(me, length > 0);
  if (octets > 0) reach(me, end);
  window(me, control.window, control.window, control.window === 0, control.window > 0, control.at);
  if ((flags & ACK) !== 0) {
    acknowledge(
      me,
      peer,
      control.ack,
      control.at,
      control.frame,
      control.capture,
      control.seq,
      control.tsecr,
      (control.what & HAS_TIMESTAMPS) !== 0,
      (control.what & HAS_DSACK) !== 0,
    );
  }
}

/** `me` sent something other than a SYN or RST. */
export function speak(me: End, at: number): void {
  if (!has(me, SPOKE)) me.spokeAt = at;
  me.bits |= SPOKE;
}

/** `me` was there, whatever it said. */
export function seen(
  me: End,
  firstAt: number,
  lastAt: number,
  lastFrame: number,
  capture: number,
  segments: number,
  seqLow: number,
): void {
  if (!has(me, SEGMENTS_SEEN)) {
    me.bits |= SEGMENTS_SEEN;
    me.firstAt = firstAt;
    me.lastAt = lastAt;
    me.lastFrame = lastFrame;
    me.lastCapture = capture;
    me.seqLow = seqLow;
    me.captureLow = capture;
    me.captureHigh = capture;
  }
  me.segments += segments;
  me.captures |= 1 << (capture & 31);
  me.captureLow = Math.min(me.captureLow, capture);
  me.captureHigh = Math.max(me.captureHigh, capture);
  me.firstAt = Math.min(me.firstAt, firstAt);
  me.seqLow = earliest(me.seqLow, seqLow);
  if (lastAt >= me.lastAt) {
    me.lastAt = lastAt;
    me.lastFrame = lastFrame;
    me.lastCapture = capture;
  }
}

/** Joins payload that ends at `dataEnd` and spans `range` octets to what was seen before. */
function addPayload(me: End, octets: number, range: number, dataEnd: number, dataEndAt: number): void {
  me.payloadBytes += octets;
  if (!has(me, DATA_SENT)) {
    me.bits |= DATA_SENT;
    me.dataEnd = dataEnd;
    me.dataRange = range;
    me.dataEndAt = dataEndAt;
  } else {
    const advanced = distance(me.dataEnd, dataEnd);
    me.dataRange = Math.max(me.dataRange + Math.max(advanced, 0), range + Math.max(-advanced, 0));
    if (advanced > 0) {
      me.dataEnd = dataEnd;
      me.dataEndAt = dataEndAt;
    }
  }
  reach(me, dataEnd);
}

/** Rule 15: only payload, SYN and FIN prove how far an end has sent. */
export function reach(me: End, end: number): void {
  me.sndMax = has(me, SND_MAX_KNOWN) ? latest(me.sndMax, end) : end;
  me.bits |= SND_MAX_KNOWN;
}

/**
 * Rule 12: `me` sent payload the peer may have to answer. The first such stays until the peer answers, and so does the last: whatever the
 * peer sends that is not replayed yet comes after all before that.
 */
function ask(me: End, at: number, seq: number, capture: number, frame: number): void {
  if (!has(me, ASKED)) {
    me.bits |= ASKED;
    me.askAt = at;
    me.askSeq = seq;
    me.askCapture = capture;
    me.askFrame = frame;
  } else {
    me.bits |= ASKED_LATER;
    me.askLaterAt = at;
    me.askLaterSeq = seq;
    me.askLaterCapture = capture;
    me.askLaterFrame = frame;
  }
}

/** Payload of `me` answers what the peer asked before; what it asked later stays. Equal times are told apart by captures, which come in order, and frames. */
function paid(me: End, peer: End, at: number, capture: number, frame: number): void {
  me.lastPayloadAt = has(me, SOLID_PAYLOAD_SENT) ? Math.max(me.lastPayloadAt, at) : at;
  me.bits |= SOLID_PAYLOAD_SENT;
  const isAnswered = (askAt: number, askCapture: number, askFrame: number): boolean => {
    if (askAt !== at) return askAt < at;
    return askCapture === capture ? askFrame >>> 0 < frame >>> 0 : askCapture < capture;
  };
  if (!has(peer, ASKED) || !isAnswered(peer.askAt, peer.askCapture, peer.askFrame)) return;
  peer.bits &= ~ASKED;
  if (has(peer, ASKED_LATER) && !isAnswered(peer.askLaterAt, peer.askLaterCapture, peer.askLaterFrame)) {
    peer.bits |= ASKED;
    peer.askAt = peer.askLaterAt;
    peer.askSeq = peer.askLaterSeq;
    peer.askCapture = peer.askLaterCapture;
    peer.askFrame = peer.askLaterFrame;
  }
  peer.bits &= ~ASKED_LATER;
}

/**
 * Rule 11: length 0 or 1, one below the next sequence number. A run shows probes one below its own highest number; where it holds nothing
 * else, what was sent before it tells.
 */
function noteProbes(me: End, run: Run, highBefore: number | null): void {
  const { what } = run;
  // A segment one below another is none if all that was sent ends there: the other one counts a FIN that was not captured (rule 24).
  const knownInRun = (what & HAS_PROBE) !== 0 && run.probeSeq !== highest(me);
  const nothingElse = isOnlyProbes(run, highBefore);
  const probeBefore = highBefore === null ? null : advance(highBefore, -1);
  const octetAtFirst = (what & HAS_OCTET) !== 0 && run.octetSeq === probeBefore;
  const bareAtFirst = (what & HAS_START) !== 0 && run.startSeq === probeBefore;
  if (!knownInRun && !nothingElse && !octetAtFirst && !bareAtFirst) return;
  me.probes++;
  if (nothingElse) me.probeAt = run.lastAt;
  else if (knownInRun) me.probeAt = run.probeAt;
  else me.probeAt = octetAtFirst ? run.octetAt : run.startAt;
}

function isOnlyProbes({ what, bareSeq, dataEnd }: Run, high: number | null): boolean {
  if (high === null || (what & HAS_SOLID_PAYLOAD) !== 0) return false;
  const bare = (what & HAS_BARE) === 0 || bareSeq === advance(high, -1);
  const octets = (what & HAS_PAYLOAD) === 0 || dataEnd === high;
  return bare && octets;
}

/** How far an end is known to have sent; from its empty segments where nothing better was captured. */
function highest(end: End): number | null {
  if (has(end, SND_MAX_KNOWN)) return end.sndMax;
  return has(end, BARE_SENT) ? end.bareSeq : null;
}

function setLastWasPayload(me: End, wasPayload: boolean): void {
  me.bits = wasPayload ? me.bits | LAST_WAS_PAYLOAD : me.bits & ~LAST_WAS_PAYLOAD;
}

function window(me: End, last: number, max: number, isZero: boolean, wasOpen: boolean, zeroAt: number): void {
  me.window = last;
  if (max > me.windowMax) me.windowMax = max;
  if (!isZero) me.bits &= ~ZERO_WINDOW;
  else if (wasOpen || !has(me, ZERO_WINDOW)) {
    me.bits |= ZERO_WINDOW;
    me.zeroAt = zeroAt;
  }
}

/** `me` acknowledges: notes the highest number, and whether it covers the peer's FIN (rule 1: exactly, on any non-RST segment). */
export function acknowledge(
  me: End,
  peer: End,
  ack: number,
  at: number,
  frame: number,
  capture: number,
  seq: number,
  tsecr: number,
  timestamped: boolean,
  dsacked: boolean,
): void {
  if (!has(me, ACK_SENT) || isAfter(ack, me.ack)) {
    me.bits = (me.bits & ~(ACK_TIMESTAMPED | ACK_DSACKED)) | ACK_SENT;
    if (timestamped) me.bits |= ACK_TIMESTAMPED;
    if (dsacked) me.bits |= ACK_DSACKED;
    me.ack = ack;
    me.ackAt = at;
    me.ackFrame = frame;
    me.ackCapture = capture;
    me.ackSeq = seq;
    me.ackTsecr = tsecr;
  }
  if (!has(peer, FIN_SENT)) return;
  const finEnd = advance(peer.finSeq, 1);
  if (ack === finEnd) {
    coverFin(peer, at, frame, capture, seq, tsecr, timestamped, dsacked);
  } else if (isAfter(ack, finEnd)) me.bits |= ANOMALOUS;
}

/** The FIN of `peer` was acknowledged: the first time proves that it was received, one after the last copy that the peer knows. */
export function coverFin(
  peer: End,
  at: number,
  frame: number,
  capture: number,
  seq: number,
  tsecr: number,
  timestamped: boolean,
  dsacked: boolean,
): void {
  if (!has(peer, FIN_ACKED)) {
    peer.bits |= FIN_ACKED;
    if (timestamped) peer.bits |= FIN_ACK_TIMESTAMPED;
    if (dsacked) peer.bits |= FIN_ACK_DSACKED;
    peer.finAckAt = at;
    peer.finAckFrame = frame;
    peer.finAckCapture = capture;
    peer.finAckTsecr = tsecr;
    peer.finAckSeq = seq;
  }
  if (!has(peer, FIN_ACK_ARRIVED)) {
    peer.bits |= FIN_ACK_ARRIVED;
    peer.finAckArrivedAt = at;
  }
}
