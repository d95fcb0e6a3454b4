import type { EndIndex } from "../tcp/conversation.ts";
import type { EndHistory, FlowHistory, ResetHistory, Sighting } from "../tcp/history.ts";
import { type Clock, NANOS_PER_SECOND, toSeconds } from "./clock.ts";
import type { EndCause, Evidence, HalfClose, HalfCloseEnd, HalfCloseStatus, Side } from "./model.ts";

/** A half-close before it is put into words: relative times, ends by number. */
interface Span {
  readonly closer: EndHistory;
  readonly holder: EndHistory;
  readonly since: number;
  /** When it ended, or how far it was observed. */
  readonly until: number;
  readonly ended: boolean;
}

export interface HalfCloseContext {
  readonly clock: Clock;
  /** End of observation of this flow. */
  readonly observedUntil: number;
  readonly minAgeSeconds: number;
  readonly sideOf: (end: EndIndex) => Side;
}

/**
 * The time one end spent in CLOSE-WAIT: from the peer's FIN, proved by its acknowledgment, to its own FIN, a reset or the reuse of the
 * 4-tuple. Null when no FIN was acknowledged, and when both ends closed at once (they pass through CLOSING, not CLOSE-WAIT).
 */
export function halfCloseOf(history: FlowHistory, context: HalfCloseContext): HalfClose | null {
  if (history.closer === null) return null;
  const closer = history.ends[history.closer];
  const holderIndex: EndIndex = history.closer === 0 ? 1 : 0;
  const holder = history.ends[holderIndex];
  const { fin } = closer;
  if (fin === null || fin.ack === null) return null;

  const { clock } = context;
  const evidence = (sighting: Sighting): Evidence => evidenceOf(sighting, clock);
  const end = endOf(history, holderIndex, context);
  const vanished = history.reusedBy !== null && holder.fin === null && history.reset === null;
  const until = vanished ? holder.last.at : endAt(history, holder, context.observedUntil);
  const span: Span = {
    closer,
    holder,
    since: fin.effectiveAt,
    until: Math.max(until, fin.effectiveAt),
    ended: end !== null,
  };
  return {
    status: statusOf(span, context),
    since: clock.timestamp(span.since),
    sinceUncertainSeconds: toSeconds(fin.effectiveUncertainNanos),
    fin: { ...evidence(fin), copies: fin.copies },
    finAck: evidence(fin.ack),
    end,
    seconds: toSeconds(span.until - span.since),
    atLeast: end === null || vanished,
    bytesAfterFin: holder.bytesAfterPeerFin,
    lastPayloadAt:
      holder.bytesAfterPeerFin > 0 && holder.lastNewByteAt !== null ? clock.timestamp(holder.lastNewByteAt) : null,
    lastSignOfLifeAt: clock.timestamp(holder.last.at),
    closerLastSeenAt: clock.timestamp(closer.last.at),
    idleBeforeFinSeconds: toSeconds(fin.at - Math.max(fin.idleSinceAt, history.establishedAt ?? history.firstAt)),
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

function endAt(history: FlowHistory, holder: EndHistory, observedUntil: number): number {
  const inferred = holder.finInferredAt;
  const ends = [holder.fin?.at, inferred, history.reset?.at, history.reusedBy?.at].filter((at) => at != null);
  return ends.length > 0 ? Math.min(...ends) : observedUntil;
}

function endOf(history: FlowHistory, holder: EndIndex, { clock, sideOf }: HalfCloseContext): HalfCloseEnd | null {
  const { reset, reusedBy } = history;
  const { fin, finInferredAt, last } = history.ends[holder];
  const evidence = (sighting: Sighting): Evidence => evidenceOf(sighting, clock);
  if (fin !== null) return { ...evidence(fin), by: "fin", sender: sideOf(holder), answers: null, cause: null };
  if (finInferredAt !== null) {
    // The FIN itself was not captured: the record that shows it is the end's last one.
    return {
      ...evidence({ ...last, at: finInferredAt }),
      by: "fin",
      sender: sideOf(holder),
      answers: null,
      cause: null,
    };
  }
  if (reset !== null) {
    return {
      ...evidence(reset),
      by: reset.byReuse ? "reuse" : "reset",
      sender: sideOf(reset.sender),
      answers: reset.answers && evidence(reset.answers),
      cause: causeOf(reset, holder),
    };
  }
  if (reusedBy === null) return null;
  return { ...evidence(reusedBy), by: "reuse", sender: sideOf(reusedBy.sender), answers: null, cause: null };
}

/** TEARDOWN rule 6, a to e: what a reset during a half-close says. */
function causeOf(reset: ResetHistory, holder: EndIndex): EndCause | null {
  if (reset.byReuse) return "challenge-ack";
  if (reset.sender === holder) {
    return reset.afterUnansweredProbes && reset.hadAck ? "keepalive-timeout" : "unread-data-or-abort";
  }
  if (reset.answers === null) return null; // the closer's application, or a load balancer
  if (reset.answersPayload) return "write-after-close";
  return reset.hadAck ? null : "reaped";
}

function statusOf(
  { holder, since, until, ended }: Span,
  { observedUntil, minAgeSeconds }: HalfCloseContext,
): HalfCloseStatus {
  if (ended) return "ended";
  const minAge = minAgeSeconds * NANOS_PER_SECOND;
  if (until - since < minAge) return "recent";
  const { lastPayloadAt } = holder;
  return lastPayloadAt !== null && lastPayloadAt > since && observedUntil - lastPayloadAt < minAge
    ? "draining"
    : "stuck";
}

/**
 * Rule 12: the advertised window proves nothing short of zero. Under a zero window, what the holder acknowledged and did not read is at
 * least what it last let in, or all that went unanswered if that is less.
 */
function unreadBytes(closer: EndHistory, holder: EndHistory): number | null {
  if (holder.zeroWindowAt === null || closer.unanswered === null) return null;
  return Math.min(closer.unanswered.bytes, holder.windowMax);
}
