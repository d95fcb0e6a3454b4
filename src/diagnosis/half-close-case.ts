import type { Conclusion } from "../analysis/conclusion.ts";
import { flowName } from "../analysis/flow-name.ts";
import { causeOf } from "../analysis/half-close.ts";
import type { HalfCloseSpan } from "../analysis/half-close-span.ts";
import type { EndHistory, FlowHistory, Sighting } from "../tcp/history.ts";
import type { HalfCloseCase } from "./case.ts";
import type { Caller, Service } from "./service.ts";

/** Segments of both ends that a connection's beginning and end take, and a request with its answer. */
const SEGMENTS_AROUND = 5;
const SEGMENTS_PER_EXCHANGE = 3.5;

/** A closer that waits for less than this between its question and its FIN does not wait for the answer before the FIN. */
export const WAITED_NANOS_MIN = 0.05e9;

/** Copies what matters, for the history is lent. */
export function halfCloseCase(conclusion: Conclusion, service: Service, caller: Caller): HalfCloseCase {
  const { history, client, span, status, reasons } = conclusion;
  if (span === null || status === null) throw new Error("a flow that was never half-closed");
  const [holder, closer] = [history.ends[span.holder], history.ends[span.closer]];
  const openedAt = history.establishedAt ?? history.firstAt;
  const usedAt = Math.max(span.fin.idleSinceAt, openedAt);
  const { reset } = history;
  const resetCause = span.endedBy === "reset" && reset !== null ? causeOf(reset, span.holder) : null;
  return {
    name: flowName(history, client),
    order: history.order,
    service,
    caller,
    openedAt,
    hasHandshake: history.establishedAt !== null,
    holderRole: span.holder === client ? "client" : "server",
    holderIp: holder.ip,
    closerIp: closer.ip,
    status,
    endedBy: span.endedBy,
    resetCause,
    since: span.since,
    until: span.until,
    fin: sighting(span.fin),
    finAck: sighting(span.finAck),
    end: endOf(history, span, holder),
    idleNanos: Math.max(0, span.fin.at - usedAt),
    gapNanos: (usedAt - openedAt) / exchanges(holder, closer),
    closerBytes: closer.payloadBytes,
    holderBytes: holder.payloadBytes,
    bytesAfterFin: holder.bytesAfterPeerFin,
    unanswered: unansweredBefore(span, closer, holder),
    hasLoss: reasons.includes("capture-loss"),
    endedOnQuestion:
      span.closer === client && closer.unanswered !== null && span.fin.at - closer.unanswered.at < WAITED_NANOS_MIN,
    lateWriteNanos: resetCause === "write-after-close" && reset?.answers ? reset.answers.at - span.since : null,
    probes: { holder: holder.probes, closer: closer.probes },
  };
}

const sighting = ({ at, capture, frame }: Sighting): Sighting => ({ at, capture, frame });

function endOf(history: FlowHistory, { endedBy }: HalfCloseSpan, holder: EndHistory): Sighting | null {
  const end = endedBy === "fin" ? holder.fin : endedBy === null ? null : (history.reset ?? history.reusedBy);
  return end && sighting(end);
}

function exchanges(holder: EndHistory, closer: EndHistory): number {
  return Math.max(1, (holder.segments + closer.segments - SEGMENTS_AROUND) / SEGMENTS_PER_EXCHANGE);
}

/** What the closer had asked and got no answer to when it closed. A late answer hides the request, but not that the closer spoke last. */
function unansweredBefore({ fin }: HalfCloseSpan, closer: EndHistory, holder: EndHistory): HalfCloseCase["unanswered"] {
  const { unanswered } = closer;
  if (unanswered !== null && unanswered.at < fin.at) {
    return { at: unanswered.at, bytes: unanswered.bytes, patienceNanos: fin.at - unanswered.at };
  }
  const spokeLast = holder.bytesAfterPeerFin > 0 && closer.lastPayloadAt === fin.idleSinceAt;
  return spokeLast ? { at: fin.idleSinceAt, bytes: 0, patienceNanos: fin.at - fin.idleSinceAt } : null;
}
