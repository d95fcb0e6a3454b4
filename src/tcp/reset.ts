import type { Control } from "../transcript/entries.ts";
import { ACK } from "../wire/segment-batch.ts";
import { distance, isAfter, isAtOrAfter, isBefore } from "../wire/sequence-number.ts";
import {
  ACK_SENT,
  ANOMALOUS,
  type Conversation,
  type End,
  type EndIndex,
  LAST_WAS_PAYLOAD,
  REFUSED,
  RESET,
  RESET_AFTER_PROBES,
  RESET_ANSWERED,
  RESET_ANSWERED_PAYLOAD,
  RESET_BY_B,
  RESET_HAD_ACK,
  RESET_TENTATIVE,
  SEGMENTS_SEEN,
  SND_MAX_KNOWN,
  SYN_ACK_SENT,
  SYN_SENT,
} from "./conversation.ts";
import { has, seen } from "./observe.ts";

/** A RST with no ACK bit answers a segment; with one, it may still answer, if it follows so soon. */
const ANSWER_NANOS = 0.2e9;

/** The largest window there is (RFC 7323 §2.3). */
const WINDOW_MAX = 2 ** 30;

export type ResetMeaning = "exact" | "in-window" | "invalid";

/**
 * Rule 6, RFC 9293 §3.10.7 and RFC 5961 §3.2: in SYN-SENT the ACK must match; elsewhere the sequence number must be the very one the
 * receiver expects next, and a RST's ACK number is never trusted.
 */
export function meaningOfReset(me: End, peer: End, rst: Control, flags: number): ResetMeaning {
  const synSent = has(peer, SYN_SENT) && !has(peer, SYN_ACK_SENT) && !has(me, SYN_SENT) && !has(peer, ACK_SENT);
  if (synSent) {
    // Data on the SYN may be covered or not.
    const fits = (flags & ACK) !== 0 && isAfter(rst.ack, peer.isn) && !isAfter(rst.ack, peer.sndMax);
    return fits ? "exact" : "invalid";
  }
  if (has(peer, ACK_SENT) && rst.seq === peer.ack) return "exact";
  if (has(me, SND_MAX_KNOWN) && rst.seq === me.sndMax) return "exact";
  if (!has(peer, ACK_SENT)) {
    // What the peer expects is not known: it is not below what was captured, and within the largest window there is.
    if (!has(me, SND_MAX_KNOWN)) return "exact";
    const beyond = distance(me.sndMax, rst.seq);
    return beyond > 0 && beyond < WINDOW_MAX ? "in-window" : "invalid";
  }
  const scaled = peer.window * 2 ** Math.max(peer.scale - 1, 0);
  const inWindow = isAtOrAfter(rst.seq, peer.ack) && distance(peer.ack, rst.seq) < Math.max(scaled, 1);
  return inWindow ? "in-window" : "invalid";
}

/**
 * Where no socket is any more, each segment that still arrives is answered by a RST with the number that it acknowledges (RFC 9293
 * §3.10.7.1): those that were under way acknowledge less than is known by now.
 */
function answersOlder(me: End, peer: End, rst: Control, flags: number): boolean {
  if ((flags & ACK) !== 0 || !has(me, SEGMENTS_SEEN) || isBefore(rst.seq, me.seqLow)) return false;
  return (
    (has(peer, ACK_SENT) && isBefore(rst.seq, peer.ack)) || (has(me, SND_MAX_KNOWN) && isBefore(rst.seq, me.sndMax))
  );
}

/** A segment with RST, sent by `me`. */
export function receiveReset(
  shared: Conversation,
  me: End,
  peer: End,
  side: EndIndex,
  rst: Control,
  flags: number,
): void {
  const meaning = meaningOfReset(me, peer, rst, flags);
  const peerSpokeLast = has(peer, SEGMENTS_SEEN) && (!has(me, SEGMENTS_SEEN) || peer.lastAt >= me.lastAt);
  const refused = has(peer, SYN_SENT) && !has(me, SYN_SENT) && !has(peer, ACK_SENT);
  const wasReset = has(shared, RESET) && !has(shared, RESET_TENTATIVE);
  const isLate = meaning === "invalid" && answersOlder(me, peer, rst, flags);
  const unansweredProbes = me.probes > 0 && me.probeAt > peer.lastAt;
  seen(me, rst.at, rst.lastAt, rst.lastFrame, rst.capture, rst.copies, rst.seq);
  if (meaning === "invalid") {
    if (!isLate) me.bits |= ANOMALOUS;
    return;
  }
  if (wasReset) return;
  shared.bits &= ~(RESET_BY_B | RESET_HAD_ACK | RESET_TENTATIVE | RESET_ANSWERED | RESET_ANSWERED_PAYLOAD);
  shared.bits |= RESET | (side === 1 ? RESET_BY_B : 0);
  if (refused) shared.bits |= REFUSED;
  if ((flags & ACK) !== 0) shared.bits |= RESET_HAD_ACK;
  if (meaning === "in-window") shared.bits |= RESET_TENTATIVE;
  if (unansweredProbes) shared.bits |= RESET_AFTER_PROBES;
  shared.resetAt = rst.at;
  shared.resetFrame = rst.frame;
  shared.resetCapture = rst.capture;
  const answers = (flags & ACK) === 0 || rst.at - peer.lastAt <= ANSWER_NANOS;
  if (peerSpokeLast && answers) {
    shared.bits |= RESET_ANSWERED;
    if (has(peer, LAST_WAS_PAYLOAD)) shared.bits |= RESET_ANSWERED_PAYLOAD;
    shared.answeredAt = peer.lastAt;
    shared.answeredFrame = peer.lastFrame;
    shared.answeredCapture = peer.lastCapture;
  }
}

/** A reset that met a challenge ACK ended nothing if its receiver speaks again. */
export function withdrawTentativeReset(shared: Conversation, speaker: EndIndex): void {
  if (!has(shared, RESET_TENTATIVE)) return;
  const sender = has(shared, RESET_BY_B) ? 1 : 0;
  if (speaker !== sender) shared.bits &= ~(RESET | RESET_TENTATIVE | REFUSED);
}
