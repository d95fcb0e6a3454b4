import type { Conclusion } from "../analysis/conclusion.ts";
import { flowName } from "../analysis/flow-name.ts";
import { peerOf } from "../tcp/conversation.ts";
import type { EndHistory, Sighting } from "../tcp/history.ts";
import type { TroubleCase } from "./case.ts";
import type { Caller, Service } from "./service.ts";

/** Whoever sends for so long without an answer is not waiting for a delayed ACK. */
const NO_ANSWER_NANOS = 3e9;

/** Copies of a FIN that nobody acknowledged. */
const FIN_COPY_COUNT_MIN = 3;

/** A flow that did not come to an orderly end for another reason than a half-close; null for all others. */
export function troubleCase(conclusion: Conclusion, service: Service, caller: Caller): TroubleCase | null {
  const found = troubleOf(conclusion);
  if (found === null) return null;
  const { history, client } = conclusion;
  const { trouble, speaker, silent, since, attempts, bytes, synAckRepeated, keepAlive, first } = found;
  const last = sighting(speaker.last);
  return {
    name: flowName(history, client),
    order: history.order,
    service,
    caller,
    openedAt: history.establishedAt ?? history.firstAt,
    hasHandshake: history.establishedAt !== null,
    trouble,
    speakerIp: speaker.ip,
    silentIp: silent.ip,
    since,
    until: speaker.last.at,
    attempts,
    bytes,
    synAckRepeated,
    keepAlive,
    frames: first === null ? [last] : [sighting(first), last],
  };
}

interface Trouble {
  readonly trouble: TroubleCase["trouble"];
  readonly speaker: EndHistory;
  readonly silent: EndHistory;
  readonly since: number;
  readonly attempts: number;
  readonly bytes: number;
  readonly synAckRepeated: boolean;
  readonly keepAlive: boolean;
  /** Besides its last segment. */
  readonly first: Sighting | null;
}

function troubleOf({ history, client, verdict, reasons, observedUntil }: Conclusion): Trouble | null {
  const [from, to] = [history.ends[client], history.ends[peerOf(client)]];
  if (history.queueFull || wasForgotten(history.establishedAt, from, to)) {
    return { ...unanswered("queue-full", from, to), bytes: from.payloadBytes, synAckRepeated: history.queueFull };
  }
  if (verdict === "unanswered") {
    const trouble = reasons.includes("blocked-by-half-closed") ? "blocked" : "syn-unanswered";
    const { syn } = from;
    const at = syn ?? from.last;
    return { ...unanswered(trouble, from, to), since: at.at, first: at, attempts: syn?.copies ?? 1 };
  }
  if (verdict === "fin-unacked") {
    const [speaker, silent] = unackedFin(from) ? [from, to] : [to, from];
    const { fin } = speaker;
    if (fin === null || fin.copies < FIN_COPY_COUNT_MIN || !silent.seen) return null;
    return { ...unanswered("fin-unacked", speaker, silent), since: fin.at, first: fin, attempts: fin.copies };
  }
  const { reset } = history;
  if (reset !== null) {
    const [speaker, silent] = [history.ends[reset.sender], history.ends[peerOf(reset.sender)]];
    if (!reset.afterUnansweredProbes || !silent.seen) return null;
    return { ...unanswered("no-answer", speaker, silent), since: silent.last.at, keepAlive: true, first: silent.last };
  }
  if (verdict === "established" && to.zeroWindowAt !== null && from.unanswered !== null) {
    const { at, bytes } = from.unanswered;
    return { ...unanswered("window-closed", from, to), since: at, bytes };
  }
  return noAnswer(from, to, observedUntil) ?? noAnswer(to, from, observedUntil);
}

/**
 * Nothing of what the client sent behind its third ACK was ever answered, although sent again: with SYN cookies the server keeps nothing of a
 * handshake that finds the accept queue full (rule 26).
 */
function wasForgotten(establishedAt: number | null, from: EndHistory, to: EndHistory): boolean {
  if (establishedAt === null || to.spokeAt !== null || !to.seen) return false;
  return (from.fin !== null && from.fin.copies >= FIN_COPY_COUNT_MIN) || from.payloadBytes > 2 * from.rangeBytes;
}

function unackedFin(end: EndHistory): boolean {
  return end.fin !== null && end.fin.ack === null && end.fin.copies > 1;
}

/** Probes or retransmissions that nobody answered, without a FIN that waits for its acknowledgment. */
function noAnswer(speaker: EndHistory, silent: EndHistory, observedUntil: number): Trouble | null {
  if (!speaker.seen || !silent.seen || speaker.fin !== null) return null;
  const repeats = speaker.payloadBytes > speaker.rangeBytes && (speaker.lastPayloadAt ?? -Infinity) > silent.last.at;
  const probes = speaker.lastProbeAt !== null && speaker.lastProbeAt > silent.last.at;
  if (!repeats && !probes) return null;
  const waited = speaker.last.at - silent.last.at;
  if (waited < NO_ANSWER_NANOS || observedUntil - silent.last.at < NO_ANSWER_NANOS) return null;
  const keepAlive = probes && !repeats;
  return { ...unanswered("no-answer", speaker, silent), since: silent.last.at, keepAlive, first: silent.last };
}

function unanswered(trouble: Trouble["trouble"], speaker: EndHistory, silent: EndHistory): Trouble {
  const since = speaker.firstAt;
  return {
    trouble,
    speaker,
    silent,
    since,
    attempts: 1,
    bytes: 0,
    synAckRepeated: false,
    keepAlive: false,
    first: null,
  };
}

const sighting = ({ at, capture, frame }: Sighting): Sighting => ({ at, capture, frame });
