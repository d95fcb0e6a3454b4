import type { Control } from "../transcript/entries.ts";
import { ACK, SYN } from "../wire/segment-batch.ts";
import { advance, isAfter, isAtOrAfter } from "../wire/sequence-number.ts";
import {
  ACK_SENT,
  type Conversation,
  type End,
  type EndIndex,
  ESTABLISHED_BOTH,
  FROM_START,
  OPENER_IS_B,
  OPENER_KNOWN,
  SEGMENTS_SEEN,
  SPOKE,
  SYN_ACK_REPEATED,
  SYN_ACK_SENT,
  SYN_SENT,
} from "./conversation.ts";
import { has, observeControl } from "./observe.ts";

/** What a SYN, with or without ACK, is to the conversation it arrives in (rules 7 and 13). */
export type SynMeaning = "first" | "copy" | "new-incarnation" | "anomaly" | "other-answer";

/**
 * Rule 7: an initial sequence number other than the known one begins a new incarnation; mid-stream, one whose successor is not the lowest
 * number captured from that end. SYNs that were reordered or sent again must not split a connection.
 */
export function meaningOfSyn(shared: Conversation, me: End, peer: End, syn: Control, isSynAck: boolean): SynMeaning {
  if (has(me, SYN_SENT)) {
    if (syn.seq === me.isn) return "copy";
    if (!isSynAck || !has(shared, OPENER_KNOWN)) return "new-incarnation";
    if (!has(me, SYN_ACK_SENT)) return "anomaly";
    if (!has(peer, SYN_SENT) || syn.ack !== advance(peer.isn, 1)) return "new-incarnation";
    return isLost(me, peer) ? "other-answer" : "anomaly";
  }
  if (!has(me, SEGMENTS_SEEN) && !has(peer, SEGMENTS_SEEN)) return "first";
  if (has(me, SEGMENTS_SEEN)) {
    const reordered = me.seqLow === advance(syn.seq, 1) || syn.at < me.firstAt;
    return reordered ? "first" : "new-incarnation";
  }
  if (isSynAck) {
    if (!has(peer, SYN_SENT)) return peer.seqLow === syn.ack ? "first" : "new-incarnation";
    const fits = isAfter(syn.ack, peer.isn) && !isAfter(syn.ack, peer.sndMax);
    return fits ? "first" : "anomaly";
  }
  // Both ends opened at once (RFC 9293 §3.5, figure 7).
  if (has(peer, SYN_SENT) && !has(peer, SYN_ACK_SENT)) return "first";
  return has(peer, ACK_SENT) && acknowledgesSyn(peer.ack, syn) ? "first" : "new-incarnation";
}

/**
 * Whoever answers for a server (a SYN proxy, one of several behind a balancer) may answer each copy of a SYN with a number of its own. The
 * first answer counts, unless the opener sent its SYN once more after it and acknowledged nothing yet.
 */
function isLost(answerer: End, opener: End): boolean {
  const isAccepted = has(opener, ACK_SENT) && isAtOrAfter(opener.ack, advance(answerer.isn, 1));
  return !isAccepted && !has(answerer, SPOKE) && opener.lastSynAt > answerer.lastSynAt;
}

/** The answer that counts has another number than the one before it. */
export function renumber(me: End, { seq }: Control): void {
  me.isn = seq;
  me.sndMax = advance(seq, 1);
}

/** Data on the SYN (TCP Fast Open, RFC 7413) may be acknowledged with it or not. */
const acknowledgesSyn = (ack: number, { seq, length }: Control): boolean =>
  isAfter(ack, seq) && !isAfter(ack, advance(seq, 1 + length));

/** The first SYN or SYN-ACK of an end, or another copy of it. */
export function receiveSyn(
  shared: Conversation,
  me: End,
  peer: End,
  side: EndIndex,
  syn: Control,
  flags: number,
): void {
  const isSynAck = (flags & ACK) !== 0;
  shared.bits |= FROM_START;
  if (!has(me, SYN_SENT)) {
    me.bits |= SYN_SENT;
    me.isn = syn.seq;
    me.synAt = syn.at;
    me.synFrame = syn.frame;
    me.synCapture = syn.capture;
    me.scale = syn.scale;
    if (!has(shared, OPENER_KNOWN)) setOpener(shared, isSynAck ? ((1 - side) as EndIndex) : side);
    // A SYN captured after the SYN-ACK that answers it still says who opened.
    else if (!isSynAck && !has(peer, SYN_SENT)) setOpener(shared, side);
  } else if (isSynAck && has(shared, ESTABLISHED_BOTH)) {
    // Rule 13: the third ACK did not arrive, or the accept queue was full.
    shared.bits = (shared.bits & ~ESTABLISHED_BOTH) | SYN_ACK_REPEATED;
  }
  if (isSynAck) me.bits |= SYN_ACK_SENT;
  me.synCopies += syn.copies;
  me.lastSynAt = syn.lastAt;
  observeControl(me, peer, syn, flags & (ACK | SYN), 1);
}

/** The passive opener is ESTABLISHED once the active opener acknowledges its SYN. */
export function noteThirdAck(shared: Conversation, me: End, peer: End, side: EndIndex, at: number): void {
  if (has(shared, ESTABLISHED_BOTH) || !has(peer, SYN_ACK_SENT) || opener(shared) !== side) return;
  if (!has(me, ACK_SENT) || !isAtOrAfter(me.ack, advance(peer.isn, 1))) return;
  shared.bits |= ESTABLISHED_BOTH;
  shared.establishedAt = Math.max(at, peer.synAt);
}

export function setOpener(shared: Conversation, side: EndIndex): void {
  shared.bits = (shared.bits & ~OPENER_IS_B) | OPENER_KNOWN | (side === 1 ? OPENER_IS_B : 0);
}

/** The active opener; null when no SYN was captured. */
export function opener(shared: Conversation): EndIndex | null {
  if (!has(shared, OPENER_KNOWN)) return null;
  return has(shared, OPENER_IS_B) ? 1 : 0;
}
