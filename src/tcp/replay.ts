import {
  type Control,
  type EntryCursor,
  FLAGS_SHIFT,
  HAS_PAYLOAD,
  NONE,
  type Run,
  SENT_BY_B,
} from "../transcript/entries.ts";
import type { FlowKey, Fold } from "../transcript/fold.ts";
import type { Pool } from "../transcript/layout.ts";
import { ACK, RST, SYN } from "../wire/segment-batch.ts";
import { isBefore } from "../wire/sequence-number.ts";
import {
  Conversations,
  type EndIndex,
  FIN_ACK_ARRIVED,
  FIN_SENT,
  PENDING,
  peerOf,
  RESET,
  RESET_BY_B,
  RESET_BY_REUSE,
  RESET_HAD_ACK,
  RESET_TENTATIVE,
  REUSED,
  SYN_SENT,
} from "./conversation.ts";
import { meaningOfSyn, noteThirdAck, receiveSyn, renumber } from "./handshake.ts";
import {
  holdPending,
  isOver,
  liftPending,
  noteChallenge,
  openWithPending,
  outcomeOfControl,
  outcomeOfRun,
  type PendingSyn,
} from "./incarnation.ts";
import { captureOf, has, observeRun, seen } from "./observe.ts";
import { receiveReset, withdrawTentativeReset } from "./reset.ts";
import { receiveFin } from "./teardown.ts";

/** Silence after which a connection that both ends closed, or one reset, is over for good. Linux: TCP_TIMEWAIT_LEN, 2 MSL. */
export const TWO_MSL_NANOS = 60e9;

/**
 * Silence after which nothing can change any more but how long TIME-WAIT lasts: what was in flight has arrived, and a FIN whose ACK was
 * lost would have come again (RFC 6298: the first time-outs are 0.2 to 3 s).
 */
export const DECIDED_NANOS = 4e9;

/** What still awaits an answer is over after 2 MSL of RFC 9293 §3.4.2: longer than any gap between retransmissions of a SYN or FIN. */
const UNANSWERED_NANOS = 240e9;

/**
 * Told how an incarnation ended: takes over the record of its conversation, which is in hand. `supersededAt`: when the next incarnation's SYN
 * came; null at the end of the capture or of 2 MSL.
 */
export type Deliver = (key: FlowKey, conversation: Conversations, supersededAt: number | null) => void;

/**
 * The only place with TCP semantics, with the files of this folder it calls: a resumable reducer over the entries of a transcript. Each
 * step moves a conversation of fixed size on by one entry, allocating nothing; when an incarnation has ended for good, or the capture has,
 * its history is handed out.
 */
export class Replay implements Fold {
  readonly #conversations = new Conversations();
  readonly #deliver: Deliver;
  readonly settleNanosMin: number;

  /** `settleNanosMin`: silence after which a closed flow is handed out, TWO_MSL_NANOS or less. */
  constructor(deliver: Deliver, settleNanosMin: number = TWO_MSL_NANOS) {
    this.#deliver = deliver;
    this.settleNanosMin = settleNanosMin;
  }

  /** The memory of all conversations, those that were handed out included. */
  get pool(): Pool {
    return this.#conversations.pool;
  }

  fold(key: FlowKey, entries: EntryCursor, state: number): number {
    const c = this.#conversations;
    if (state === NONE) {
      c.begin();
      c.shared.order = key.order;
    } else c.moveTo(state);
    while (entries.next()) {
      if (entries.isControl) this.#control(key, entries.control);
      else this.#run(key, entries.run);
    }
    return this.#overAt();
  }

  take(state: number): void {
    this.#conversations.moveTo(state);
  }

  keep(): number {
    return this.#conversations.inHand;
  }

  release(key: FlowKey): void {
    const c = this.#conversations;
    const syn = has(c.shared, PENDING) ? liftPending(c) : null;
    this.#deliver(key, c, null);
    if (syn === null) return;
    c.begin();
    openWithPending(c, syn);
    this.#deliver(key, c, null);
  }

  #overAt(): number {
    const {
      shared,
      ends: [a, b],
    } = this.#conversations;
    if (has(shared, PENDING | RESET_TENTATIVE)) return Number.POSITIVE_INFINITY;
    const lastAt = Math.max(has(a, -1) ? a.lastAt : -Infinity, has(b, -1) ? b.lastAt : -Infinity);
    if (has(shared, RESET)) return lastAt + this.settleNanosMin;
    if (has(a, FIN_SENT) && has(b, FIN_SENT)) {
      if (!has(a, FIN_ACK_ARRIVED) || !has(b, FIN_ACK_ARRIVED)) return lastAt + UNANSWERED_NANOS;
      const lossless = a.finCopies + b.finCopies === 2;
      return lastAt + (lossless ? this.settleNanosMin : TWO_MSL_NANOS);
    }
    return isOver(this.#conversations) ? lastAt + UNANSWERED_NANOS : Number.POSITIVE_INFINITY;
  }

  #run(key: FlowKey, run: Run): void {
    const c = this.#conversations;
    const side: EndIndex = (run.what & SENT_BY_B) !== 0 ? 1 : 0;
    if (has(c.shared, PENDING)) {
      const outcome = outcomeOfRun(c.shared, side, run);
      if (outcome === "taken-up") this.#takeUpPending(key);
      else if (outcome === "challenge") noteChallenge(c.shared, run);
    }
    const { firstAt, lastAt, lastFrame, segments, seqLow } = run;
    const octets = (run.what & HAS_PAYLOAD) !== 0 ? run.payloadBytes : 0;
    if (this.#isTail(firstAt, lastAt, lastFrame, captureOf(run), segments, seqLow, octets, side)) return;
    withdrawTentativeReset(c.shared, side);
    observeRun(c.ends[side], c.ends[peerOf(side)], run);
    // A run begins with the third ACK, unless a stray segment of an older incarnation came before it. A keep-alive may stand at the ISN itself.
    const me = c.ends[side];
    const strayed = has(me, SYN_SENT) && isBefore(run.seqLow, me.isn);
    noteThirdAck(c.shared, me, c.ends[peerOf(side)], side, strayed ? run.ackAt : run.firstAt);
  }

  #control(key: FlowKey, control: Control): void {
    const c = this.#conversations;
    const side: EndIndex = (control.what & SENT_BY_B) !== 0 ? 1 : 0;
    const flags = control.what >>> FLAGS_SHIFT;
    if (has(c.shared, PENDING) && this.#settlePending(key, control, side, flags)) return;
    const { at, lastAt, lastFrame, capture, copies, seq, length } = control;
    if ((flags & SYN) === 0 && this.#isTail(at, lastAt, lastFrame, capture, copies, seq, length * copies, side)) return;
    const [me, peer] = [c.ends[side], c.ends[peerOf(side)]];
    if ((flags & RST) !== 0) receiveReset(c.shared, me, peer, side, control, flags);
    else if ((flags & SYN) !== 0) this.#syn(key, control, side, flags);
    else {
      withdrawTentativeReset(c.shared, side);
      receiveFin(me, peer, control, flags);
      noteThirdAck(c.shared, me, peer, side, control.at);
    }
  }

  /** After a reset nothing changes any more: segments that were under way only count. */
  #isTail(
    firstAt: number,
    lastAt: number,
    lastFrame: number,
    capture: number,
    segments: number,
    seqLow: number,
    octets: number,
    side: EndIndex,
  ): boolean {
    const { shared, ends } = this.#conversations;
    if (!has(shared, RESET) || has(shared, RESET_TENTATIVE)) return false;
    seen(ends[side], firstAt, lastAt, lastFrame, capture, segments, seqLow);
    ends[side].tailBytes += octets;
    return true;
  }

  #syn(key: FlowKey, syn: Control, side: EndIndex, flags: number): void {
    const c = this.#conversations;
    const [me, peer] = [c.ends[side], c.ends[peerOf(side)]];
    const isSynAck = (flags & ACK) !== 0;
    const meaning = meaningOfSyn(c.shared, me, peer, syn, isSynAck);
    if (meaning === "anomaly") {
      seen(me, syn.at, syn.lastAt, syn.lastFrame, syn.capture, syn.copies, syn.seq);
      return;
    }
    if (meaning === "other-answer") renumber(me, syn);
    if (meaning === "new-incarnation") {
      if (!isSynAck && !isOver(c)) {
        holdPending(c.shared, side, syn);
        return;
      }
      this.#deliver(key, c, syn.at);
      c.begin();
      c.shared.order = syn.order;
    }
    receiveSyn(c.shared, c.ends[side], c.ends[peerOf(side)], side, syn, flags);
  }

  /** Rule 8. True when the segment belongs to the old incarnation's end, or to the pending SYN itself. */
  #settlePending(key: FlowKey, control: Control, side: EndIndex, flags: number): boolean {
    const c = this.#conversations;
    switch (outcomeOfControl(c, side, control, flags)) {
      case "copy":
        c.shared.pendingCopies += control.copies;
        c.shared.pendingLastAt = control.lastAt;
        return true;
      case "replaced":
        this.#deliverPending(key, liftPending(c), control.at);
        holdPending(c.shared, side, control);
        return true;
      case "taken-up":
        this.#takeUpPending(key);
        return false;
      case "challenge-reset":
        this.#endByChallenge(key, control, side, flags);
        return true;
      default:
        return false;
    }
  }

  /** The new SYN was answered at once: the old incarnation had gone unseen. */
  #takeUpPending(key: FlowKey): void {
    const c = this.#conversations;
    c.shared.bits |= REUSED;
    this.#startPending(key);
  }

  /** The client's RST carries the number that the challenge ACK asked for: the old incarnation ends here. */
  #endByChallenge(key: FlowKey, rst: Control, side: EndIndex, flags: number): void {
    const c = this.#conversations;
    seen(c.ends[side], rst.at, rst.lastAt, rst.lastFrame, rst.capture, rst.copies, rst.seq);
    c.shared.bits &= ~(RESET_BY_B | RESET_HAD_ACK | RESET_TENTATIVE);
    c.shared.bits |= RESET | RESET_BY_REUSE | (side === 1 ? RESET_BY_B : 0) | ((flags & ACK) !== 0 ? RESET_HAD_ACK : 0);
    c.shared.resetAt = rst.at;
    c.shared.resetFrame = rst.frame;
    c.shared.resetCapture = rst.capture;
    this.#startPending(key);
  }

  #startPending(key: FlowKey): void {
    const c = this.#conversations;
    const syn = { ...liftPending(c), blocked: false };
    this.#deliver(key, c, has(c.shared, RESET) ? c.shared.resetAt : syn.at);
    c.begin();
    openWithPending(c, syn);
  }

  /** A pending SYN that nobody answered before the next one came is a flow of its own. */
  #deliverPending(key: FlowKey, syn: PendingSyn, supersededAt: number): void {
    const c = this.#conversations;
    const current = c.inHand;
    c.begin();
    openWithPending(c, syn);
    this.#deliver(key, c, supersededAt);
    c.moveTo(current);
  }
}
