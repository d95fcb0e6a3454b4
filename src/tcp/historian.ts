import type { FlowKey } from "../transcript/fold.ts";
import { advance, distance, isAfter, unsigned } from "../wire/sequence-number.ts";
import {
  ACK_SENT,
  ANOMALOUS,
  ASKED,
  BARE_SENT,
  BLOCKED,
  CHALLENGED,
  type Conversation,
  type ConversationView,
  DATA_SENT,
  type End,
  type EndIndex,
  ESTABLISHED_BOTH,
  FIN_ACK_ARRIVED,
  FIN_ACK_DSACKED,
  FIN_ACK_TIMESTAMPED,
  FIN_ACKED,
  FIN_ACKNOWLEDGES,
  FIN_BEYOND_HOLE,
  FIN_HAS_TIMESTAMPS,
  FIN_SENT,
  FIN_WITH_PAYLOAD,
  FROM_START,
  PENDING,
  REFILLED,
  REFUSED,
  RESET,
  RESET_AFTER_PROBES,
  RESET_ANSWERED,
  RESET_ANSWERED_PAYLOAD,
  RESET_BY_B,
  RESET_BY_REUSE,
  RESET_HAD_ACK,
  REUSED,
  SEGMENTS_SEEN,
  SND_MAX_KNOWN,
  SOLID_PAYLOAD_SENT,
  SPOKE,
  SYN_ACK_REPEATED,
  SYN_ACK_SENT,
  SYN_SENT,
  ZERO_WINDOW,
} from "./conversation.ts";
import { addressOf } from "./endpoints.ts";
import { opener } from "./handshake.ts";
import type { EndHistory, FinHistory, FlowHistory, ResetHistory, Sighting } from "./history.ts";
import { pendingSide } from "./incarnation.ts";
import { has } from "./observe.ts";

/** `supersededAt`: when the next incarnation's SYN came; null at the end of the capture or of 2 MSL. */
export function historyOf(key: FlowKey, { shared, ends }: ConversationView, supersededAt: number | null): FlowHistory {
  const [a, b] = ends;
  const [endA, endB] = [endHistory(key, 0, a, b), endHistory(key, 1, b, a)];
  const closer = closerOf(endA, endB);
  const [seenA, seenB] = [has(a, SEGMENTS_SEEN), has(b, SEGMENTS_SEEN)];
  return {
    order: shared.order,
    tunnel: key.tunnel,
    ends: [endA, endB],
    opener: opener(shared),
    fromStart: has(shared, FROM_START),
    firstAt: Math.min(seenA ? a.firstAt : Infinity, seenB ? b.firstAt : Infinity),
    lastAt: Math.max(seenA ? a.lastAt : -Infinity, seenB ? b.lastAt : -Infinity),
    establishedAt: has(shared, ESTABLISHED_BOTH) ? shared.establishedAt : null,
    synAckRepeated: has(shared, SYN_ACK_REPEATED),
    queueFull: queueFull(shared, a, b),
    openerAnswered: openerAnswered(shared, a, b),
    closer: closer === "both" || isToItself(key) ? null : closer,
    simultaneousClose: closer === "both",
    reset: resetHistory(shared),
    reusedBy: has(shared, REUSED) && has(shared, PENDING) ? pendingSyn(shared) : null,
    reopened: has(shared, PENDING) ? pendingSyn(shared) : null,
    supersededAt,
    toItself: isToItself(key),
    blocked: has(shared, BLOCKED),
    captures: capturesOf(seenA ? a : b, seenB ? b : a),
  };
}

function isToItself(key: FlowKey): boolean {
  return key.portA === key.portB && key.addressA === key.addressB;
}

/** The active opener's SYN was answered, seen or not: it spoke on, or the peer acknowledges more than the SYN. */
function openerAnswered(shared: Conversation, a: End, b: End): boolean {
  const [me, peer] = opener(shared) === 1 ? [b, a] : [a, b];
  return has(me, SPOKE) || (has(me, SYN_SENT) && has(peer, ACK_SENT) && isAfter(peer.ack, advance(me.isn, 1)));
}

function queueFull(shared: Conversation, a: End, b: End): boolean {
  if (!has(shared, SYN_ACK_REPEATED)) return false;
  const [me, peer] = opener(shared) === 1 ? [b, a] : [a, b];
  const sentMore = has(me, SYN_SENT) && isAfter(me.sndMax, advance(me.isn, 1));
  return sentMore && !has(peer, SPOKE) && isAfter(me.sndMax, peer.ack);
}

/** Rule 23: the close was simultaneous if neither FIN acknowledges the other; the order of capture says nothing. */
function closerOf(a: EndHistory, b: EndHistory): EndIndex | "both" | null {
  if (a.fin !== null && b.fin !== null) {
    if (b.fin.coversPeerFin) return 0;
    if (a.fin.coversPeerFin) return 1;
    return "both";
  }
  if (a.fin !== null) return b.finInferredAt !== null && b.finInferredAt < a.fin.at ? 1 : 0;
  if (b.fin !== null) return a.finInferredAt !== null && a.finInferredAt < b.fin.at ? 0 : 1;
  return null;
}

function endHistory(key: FlowKey, side: EndIndex, me: End, peer: End): EndHistory {
  const fin = has(me, FIN_SENT) ? finHistory(me, peer) : null;
  const hasData = has(me, DATA_SENT);
  const ip = addressOf(key, side);
  const port = side === 0 ? key.portA : key.portB;
  return {
    ip,
    port,
    endpoint: key.ipv6 ? `${ip}|${port}` : ((side === 0 ? key.addressA : key.addressB) >>> 0) * 0x10000 + port,
    seen: has(me, SEGMENTS_SEEN),
    firstAt: me.firstAt,
    last: { at: me.lastAt, capture: me.lastCapture, frame: me.lastFrame >>> 0 },
    aliveAt: me.aliveAt,
    segments: me.segments,
    payloadBytes: me.payloadBytes + me.tailBytes,
    rangeBytes: (hasData ? me.dataRange : 0) + me.tailBytes,
    syn: has(me, SYN_SENT)
      ? {
          isn: unsigned(me.isn),
          at: me.synAt,
          capture: me.synCapture,
          frame: me.synFrame >>> 0,
          copies: me.synCopies,
          lastAt: me.lastSynAt,
          withAck: has(me, SYN_ACK_SENT),
        }
      : null,
    fin,
    finInferredAt: fin === null ? inferredFinAt(me, peer) : null,
    spokeAt: has(me, SPOKE) ? me.spokeAt : null,
    lastPayloadAt: has(me, SOLID_PAYLOAD_SENT) ? me.lastPayloadAt : null,
    bytesAfterPeerFin: has(peer, FIN_ACKED) && hasData ? bytesSince(me, peer.finAckSeq) : 0,
    lastNewByteAt: hasData ? me.dataEndAt : null,
    unanswered: unansweredOf(me),
    probes: me.probes,
    lastProbeAt: me.probes > 0 ? me.probeAt : null,
    zeroWindowAt: has(me, ZERO_WINDOW) ? me.zeroAt : null,
    windowMax: me.windowMax << Math.max(me.scale - 1, 0),
    hasGaps: hasGaps(me, peer),
    hasAnomalies: has(me, ANOMALOUS),
  };
}

function finHistory(me: End, peer: End): FinHistory {
  const acked = has(me, FIN_ACKED);
  const beforeAck = acked ? Math.min(me.finLatestAt, Math.max(me.finAckAt, me.finAt)) : me.finLatestAt;
  return {
    at: me.finAt,
    capture: me.finCapture,
    frame: me.finFrame >>> 0,
    copies: me.finCopies,
    lastCopyAt: me.finCopyAt,
    ack: acked ? { at: me.finAckAt, capture: me.finAckCapture, frame: me.finAckFrame >>> 0 } : null,
    ackArrivedAt: has(me, FIN_ACK_ARRIVED) ? me.finAckArrivedAt : null,
    effectiveAt: effectiveAt(me),
    effectiveUncertainNanos: Math.max(0, beforeAck - me.finAt),
    idleSinceAt: me.idleSinceAt,
    payloadAckedOnly:
      !acked && has(me, FIN_WITH_PAYLOAD) && has(peer, ACK_SENT) && peer.ack === me.finSeq && peer.ackAt >= me.finAt,
    coversPeerFin:
      has(peer, FIN_SENT) &&
      ((has(me, FIN_ACKNOWLEDGES) && me.finAckNumber === advance(peer.finSeq, 1)) ||
        (has(peer, FIN_ACKED) && peer.finAckAt < me.finAt)),
  };
}

/**
 * Rules 2 and 4: the receiver entered CLOSE-WAIT when the FIN arrived in order. The covering acknowledgment echoes the timestamp of the
 * copy that did; without timestamps, or when it reports a duplicate, the first copy did, or the segment that filled the hole before it.
 */
function effectiveAt(me: End): number {
  if (!has(me, FIN_ACKED)) return me.finAt;
  const named = has(me, FIN_HAS_TIMESTAMPS) && has(me, FIN_ACK_TIMESTAMPED) && !has(me, FIN_ACK_DSACKED);
  if (named) {
    if (me.finAckTsecr === me.finTsval) return me.finAt;
    if (me.finAckTsecr === me.finLatestTsval) return me.finLatestAt;
    if (me.finAckTsecr === me.finPreviousTsval) return me.finPreviousAt;
  }
  if (has(me, REFILLED) && (has(me, FIN_BEYOND_HOLE) || named)) {
    const filledAt = me.refillAt <= me.finAckAt ? me.refillAt : Math.min(me.refillEndAt, me.finAckAt);
    return Math.max(me.finAt, filledAt);
  }
  return me.finAt;
}

/**
 * A FIN that was not captured. Rule 24: an empty segment one past everything this end is known to have sent. Rule 15: the peer
 * acknowledges one more than that. In a capture of the peer's direction alone: after its own FIN, the peer acknowledges one octet more.
 */
function inferredFinAt(me: End, peer: End): number | null {
  const known = has(me, SND_MAX_KNOWN);
  if (known && has(me, BARE_SENT) && me.bareSeq === advance(me.sndMax, 1)) return me.bareAt;
  if (known && has(peer, ACK_SENT) && peer.ack === advance(me.sndMax, 1)) return peer.ackAt;
  const alone = !has(me, SEGMENTS_SEEN) && has(peer, FIN_SENT) && has(peer, FIN_ACKNOWLEDGES);
  if (alone && has(peer, ACK_SENT) && peer.ack === advance(peer.finAckNumber, 1)) return peer.ackAt;
  return null;
}

/** Octets an end sent beyond a sequence number; as far as numbers modulo 2^32 can tell, the most that its range allows. */
function bytesSince(me: End, seq: number): number {
  const bytes = distance(seq, me.dataEnd);
  const wraps = Math.floor((me.dataRange - bytes) / 2 ** 32);
  return Math.max(0, bytes + Math.max(0, wraps) * 2 ** 32);
}

function unansweredOf(me: End): EndHistory["unanswered"] {
  if (!has(me, ASKED)) return null;
  return { at: me.askAt, frame: me.askFrame >>> 0, bytes: Math.max(0, distance(me.askSeq, me.dataEnd)) };
}

/** Rule 20: acknowledged but never seen, a hole before the FIN, or fewer octets than the sequence spans. */
function hasGaps(me: End, peer: End): boolean {
  if (has(me, DATA_SENT) && me.payloadBytes < me.dataRange) return true;
  if (!has(me, SND_MAX_KNOWN)) return false;
  if (has(peer, ACK_SENT) && isAfter(peer.ack, advance(me.sndMax, 1))) return true;
  if (has(me, BARE_SENT) && isAfter(me.bareSeq, advance(me.sndMax, 1))) return true;
  if (has(me, FIN_SENT) && has(me, DATA_SENT) && me.dataEnd !== me.finSeq && !endsWithKeepAlive(me)) return true;
  if (has(me, FIN_SENT) && has(me, SYN_SENT) && !has(me, DATA_SENT) && me.finSeq !== advance(me.isn, 1)) return true;
  return has(me, SYN_SENT) && has(me, DATA_SENT) && distance(advance(me.isn, 1), me.dataEnd) > me.dataRange;
}

/** A closer's keep-alive with an octet of garbage stands at its FIN, which the peer has (rule 11). */
function endsWithKeepAlive(me: End): boolean {
  return has(me, FIN_ACKED) && me.dataEnd === advance(me.finSeq, 1);
}

function resetHistory(shared: Conversation): ResetHistory | null {
  if (!has(shared, RESET)) return null;
  const byReuse = has(shared, RESET_BY_REUSE);
  const answered: Sighting | null = has(shared, RESET_ANSWERED)
    ? { at: shared.answeredAt, capture: shared.answeredCapture, frame: shared.answeredFrame >>> 0 }
    : null;
  const challenge: Sighting | null = has(shared, CHALLENGED)
    ? { at: shared.challengeAt, capture: shared.challengeCapture, frame: shared.challengeFrame >>> 0 }
    : null;
  return {
    at: shared.resetAt,
    capture: shared.resetCapture,
    frame: shared.resetFrame >>> 0,
    sender: has(shared, RESET_BY_B) ? 1 : 0,
    hadAck: has(shared, RESET_HAD_ACK),
    answers: byReuse ? challenge : answered,
    answersPayload: has(shared, RESET_ANSWERED_PAYLOAD),
    afterUnansweredProbes: has(shared, RESET_AFTER_PROBES),
    refused: has(shared, REFUSED),
    byReuse,
  };
}

function pendingSyn(shared: Conversation): FlowHistory["reopened"] {
  return {
    at: shared.pendingAt,
    capture: shared.pendingCapture,
    frame: shared.pendingFrame >>> 0,
    sender: pendingSide(shared),
  };
}

/** Captures are noted modulo 32 between the lowest and the highest. */
function capturesOf(a: End, b: End): number[] {
  const low = Math.min(a.captureLow, b.captureLow);
  const high = Math.max(a.captureHigh, b.captureHigh);
  const captures: number[] = [];
  for (let capture = low; capture <= high; capture++) {
    if (isSeenIn(a, capture) || isSeenIn(b, capture)) captures.push(capture);
  }
  return captures;
}

const isSeenIn = (end: End, capture: number): boolean =>
  (end.captures & (1 << (capture & 31))) !== 0 && capture >= end.captureLow && capture <= end.captureHigh;
