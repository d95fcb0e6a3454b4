import type { EndIndex } from "../tcp/conversation.ts";
import type { EndHistory, FlowHistory, ResetHistory, Sighting } from "../tcp/history.ts";
import { type Clock, toSeconds } from "./clock.ts";
import type { HalfCloseSpan } from "./half-close-span.ts";
import type { EndCause, Evidence, HalfClose, HalfCloseEnd, HalfCloseStatus, Side } from "./model.ts";

/** Puts a half-close into the words of the result. */
export function halfCloseOf(
  history: FlowHistory,
  span: HalfCloseSpan,
  status: HalfCloseStatus,
  clock: Clock,
  sideOf: (end: EndIndex) => Side,
): HalfClose {
  const closer = history.ends[span.closer];
  const holder = history.ends[span.holder];
  const { fin } = span;
  const idleSince = Math.max(fin.idleSinceAt, history.establishedAt ?? history.firstAt);
  const wroteAfter = holder.bytesAfterPeerFin > 0 ? holder.lastNewByteAt : null;
  return {
    status,
    since: clock.timestamp(span.since),
    sinceUncertainSeconds: toSeconds(fin.effectiveUncertainNanos),
    fin: { ...evidenceOf(fin, clock), copies: fin.copies },
    finAck: evidenceOf(span.finAck, clock),
    end: endOf(history, span, clock, sideOf),
    seconds: toSeconds(span.until - span.since),
    atLeast: span.endedBy === null || span.vanished,
    bytesAfterFin: holder.bytesAfterPeerFin,
    lastPayloadAt: wroteAfter === null ? null : clock.timestamp(wroteAfter),
    lastSignOfLifeAt: clock.timestamp(holder.last.at),
    closerLastSeenAt: clock.timestamp(closer.last.at),
    idleBeforeFinSeconds: Math.max(0, toSeconds(fin.at - idleSince)),
    unanswered: closer.unanswered && {
      since: clock.timestamp(closer.unanswered.at),
      frame: closer.unanswered.frame,
      bytes: closer.unanswered.bytes,
    },
    unreadBytesAtLeast: unreadBytes(closer, holder),
  };
}

export const evidenceOf = (sighting: Sighting, clock: Clock): Evidence => ({
  at: clock.timestamp(sighting.at),
  capture: sighting.capture,
  frame: sighting.frame,
});

function endOf(
  { ends, reset, reusedBy }: FlowHistory,
  { holder, endedBy, until }: HalfCloseSpan,
  clock: Clock,
  sideOf: (end: EndIndex) => Side,
): HalfCloseEnd | null {
  if (endedBy === "fin") {
    // A FIN that was not captured shows in the end's last record.
    const shown = ends[holder].fin ?? { ...ends[holder].last, at: until };
    return { ...evidenceOf(shown, clock), by: "fin", sender: sideOf(holder), answers: null, cause: null };
  }
  if (endedBy !== null && reset !== null) {
    return {
      ...evidenceOf(reset, clock),
      by: endedBy,
      sender: sideOf(reset.sender),
      answers: reset.answers && evidenceOf(reset.answers, clock),
      cause: causeOf(reset, holder),
    };
  }
  if (endedBy === null || reusedBy === null) return null;
  return { ...evidenceOf(reusedBy, clock), by: "reuse", sender: sideOf(reusedBy.sender), answers: null, cause: null };
}

/** What a reset during a half-close says (rule 6 of the teardown, a to e). */
export function causeOf(reset: ResetHistory, holder: EndIndex): EndCause | null {
  if (reset.byReuse) return "challenge-ack";
  if (reset.sender === holder) {
    return reset.afterUnansweredProbes && reset.hadAck ? "keepalive-timeout" : "unread-data-or-abort";
  }
  if (reset.answers === null) return null; // the closer's application, or a load balancer
  if (reset.answersPayload) return "write-after-close";
  return reset.hadAck ? null : "reaped";
}

/**
 * The advertised window proves nothing short of zero. Under a zero window, what the holder acknowledged and did not read is at least what
 * it last let in, or all that went unanswered if that is less.
 */
function unreadBytes(closer: EndHistory, holder: EndHistory): number | null {
  if (holder.zeroWindowAt === null || closer.unanswered === null) return null;
  return Math.min(closer.unanswered.bytes, holder.windowMax);
}
