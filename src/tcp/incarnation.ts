import { type Control, HAS_ACK, type Run } from "../transcript/entries.ts";
import { ACK, RST, SYN } from "../wire/segment-batch.ts";
import { advance, isAfter, isAtOrAfter } from "../wire/sequence-number.ts";
import {
  ACK_SENT,
  BLOCKED,
  CHALLENGED,
  type Conversation,
  type Conversations,
  type EndIndex,
  FIN_ACKED,
  FIN_SENT,
  FROM_START,
  PENDING,
  PENDING_FROM_B,
  peerOf,
  RESET,
  RESET_TENTATIVE,
  SND_MAX_KNOWN,
  SYN_ACK_SENT,
  SYN_SENT,
} from "./conversation.ts";
import { setOpener } from "./handshake.ts";
import { captureOf, has, reach, seen } from "./observe.ts";

/*
 * Rule 8: a SYN of another incarnation comes while this one has not ended. Whose numbers the peer answers with decides what
 * happened, so until then the SYN is pending beside the old conversation.
 */

/** Ended by both FINs or by a reset: a SYN begins the next incarnation at once. So does one that replaces a SYN never answered. */
export function isOver({ shared, ends: [a, b] }: Conversations): boolean {
  if (has(shared, RESET) && !has(shared, RESET_TENTATIVE)) return true;
  if (has(a, FIN_SENT) && has(b, FIN_SENT)) return true;
  return (
    has(shared, FROM_START) && !(has(a, SYN_ACK_SENT) || has(b, SYN_ACK_SENT) || has(a, ACK_SENT) || has(b, ACK_SENT))
  );
}

export const pendingSide = (shared: Conversation): EndIndex => (has(shared, PENDING_FROM_B) ? 1 : 0);

export function holdPending(shared: Conversation, side: EndIndex, syn: Control): void {
  shared.bits &= ~(PENDING_FROM_B | CHALLENGED);
  shared.bits |= PENDING | (side === 1 ? PENDING_FROM_B : 0);
  shared.pendingAt = syn.at;
  shared.pendingLastAt = syn.lastAt;
  shared.pendingOrder = syn.order;
  shared.pendingSeq = syn.seq;
  shared.pendingLength = syn.length;
  shared.pendingFrame = syn.frame;
  shared.pendingCapture = syn.capture;
  shared.pendingCopies = syn.copies;
  shared.pendingScale = syn.scale;
  shared.pendingWindow = syn.window;
}

/** What a segment means while a SYN is pending. */
export type PendingOutcome =
  | "copy" // the SYN again
  | "replaced" // yet another incarnation's SYN
  | "taken-up" // the peer answers the new SYN: the old incarnation had ended unseen
  | "challenge" // the peer answers with the old numbers (RFC 5961 §4)
  | "challenge-reset" // the RST that answers the challenge: the old incarnation ends here
  | "old"; // belongs to the old incarnation

export function outcomeOfControl(c: Conversations, side: EndIndex, control: Control, flags: number): PendingOutcome {
  const { shared, ends } = c;
  const opener = pendingSide(shared);
  const acksNew = (flags & ACK) !== 0 && isAckOfPending(shared, control.ack);
  if (side !== opener) return acksNew && (flags & (SYN | RST)) !== 0 ? "taken-up" : "old";
  if ((flags & SYN) !== 0) {
    if ((flags & ACK) !== 0) return "old";
    return control.seq === shared.pendingSeq ? "copy" : "replaced";
  }
  const [me, peer] = [ends[side], ends[peerOf(side)]];
  if ((flags & RST) !== 0) {
    const old =
      (has(shared, CHALLENGED) && control.seq === shared.challengeAck) ||
      (has(peer, ACK_SENT) && control.seq === peer.ack) ||
      (has(me, SND_MAX_KNOWN) && control.seq === me.sndMax);
    return old ? "challenge-reset" : "old";
  }
  return control.seq === afterPending(shared) ? "taken-up" : "old";
}

export function outcomeOfRun(shared: Conversation, side: EndIndex, run: Run): PendingOutcome {
  if (side === pendingSide(shared)) return goesOnFromPending(shared, run.seqLow) ? "taken-up" : "old";
  if ((run.what & HAS_ACK) === 0) return "old";
  return isAckOfPending(shared, run.ack) ? "taken-up" : "challenge";
}

/** A challenge acknowledges all that was received: what was sent again from before may have less. */
export function noteChallenge(shared: Conversation, run: Run): void {
  if (has(shared, CHALLENGED) && !isAfter(run.ack, shared.challengeAck)) return;
  shared.bits |= CHALLENGED;
  shared.challengeAck = run.ack;
  shared.challengeAt = run.ackAt;
  shared.challengeFrame = run.ackFrame;
  shared.challengeCapture = captureOf(run);
}

const afterPending = (shared: Conversation): number => advance(shared.pendingSeq, 1 + shared.pendingLength);

/** A keep-alive stands one below. */
const goesOnFromPending = (shared: Conversation, seq: number): boolean =>
  seq === afterPending(shared) || seq === advance(afterPending(shared), -1);

const isAckOfPending = (shared: Conversation, ack: number): boolean =>
  isAfter(ack, shared.pendingSeq) && isAtOrAfter(afterPending(shared), ack);

/** The pending SYN, lifted off its conversation. */
export interface PendingSyn {
  readonly side: EndIndex;
  readonly at: number;
  readonly lastAt: number;
  readonly order: number;
  readonly seq: number;
  readonly length: number;
  readonly frame: number;
  readonly capture: number;
  readonly copies: number;
  readonly scale: number;
  readonly window: number;
  /** The old incarnation is half-closed and held by the end that was to answer. */
  readonly blocked: boolean;
}

export function liftPending({ shared, ends }: Conversations): PendingSyn {
  const side = pendingSide(shared);
  const blocked = has(ends[side], FIN_ACKED) && !has(ends[peerOf(side)], FIN_SENT);
  return {
    side,
    at: shared.pendingAt,
    lastAt: shared.pendingLastAt,
    order: shared.pendingOrder,
    seq: shared.pendingSeq,
    length: shared.pendingLength,
    frame: shared.pendingFrame,
    capture: shared.pendingCapture,
    copies: shared.pendingCopies,
    scale: shared.pendingScale,
    window: shared.pendingWindow,
    blocked,
  };
}

/** Opens the (empty) conversation with a SYN that was pending. */
export function openWithPending({ shared, ends }: Conversations, syn: PendingSyn): void {
  const me = ends[syn.side];
  shared.order = syn.order;
  shared.bits |= FROM_START;
  if (syn.blocked) shared.bits |= BLOCKED;
  setOpener(shared, syn.side);
  seen(me, syn.at, syn.lastAt, syn.frame, syn.capture, syn.copies, syn.seq);
  me.bits |= SYN_SENT;
  me.isn = syn.seq;
  me.synAt = syn.at;
  me.lastSynAt = syn.lastAt;
  me.synFrame = syn.frame;
  me.synCapture = syn.capture;
  me.synCopies = syn.copies;
  me.scale = syn.scale;
  me.window = syn.window;
  reach(me, advance(syn.seq, 1 + syn.length));
}
