import { endpointText } from "../analysis/flow-name.ts";
import type { HalfCloseCase, TroubleCase } from "./case.ts";
import {
  aboutHalfCloses,
  type Detector,
  type Draft,
  earliest,
  type Files,
  isSettled,
  severityOf,
  wasNotClosed,
} from "./draft.ts";
import { patienceEvidence, patienceOf, patienceText, unansweredBytes } from "./stalled-requests.ts";
import { groupBy } from "./statistics.ts";
import { countOf, numberText } from "./words.ts";

/**
 * The kernel completed the handshake and took the request; the application never did anything, neither here nor with any connection that
 * was opened later. An accept queue is first in, first out: one later connection that was served proves that these had been accepted.
 *
 * Deliberately not reported: single silent connections between served ones (never-touched, never-closed), and dropped SYNs alone, which
 * a firewall would drop as well.
 */
export const neverAccepted: Detector = (files) => {
  const silent = files.open.filter(isSilent);
  return [...groupBy(silent, ({ service }) => service)].flatMap(([service, group]) => {
    const first = earliest(group.map(({ openedAt }) => openedAt));
    const cases = service.touchedOpened.after(first) === 0 ? group : sinceLastServed(group);
    const asked = cases.some(({ unanswered }) => unanswered !== null);
    return asked && isSettled(cases) ? [draft(cases, files)] : [];
  });
};

function isSilent(one: HalfCloseCase): boolean {
  return one.holderRole === "server" && one.hasHandshake && one.holderBytes === 0 && wasNotClosed(one);
}

/** Of a queue that once moved, those behind the last that was served; only if that is most of them. */
function sinceLastServed(group: readonly HalfCloseCase[]): HalfCloseCase[] {
  const waiting = group.filter(({ service, openedAt }) => service.touchedOpened.after(openedAt) === 0);
  return waiting.length * 2 > group.length && waiting.length > 1 ? waiting : [];
}

function draft(cases: readonly HalfCloseCase[], { troubles, observedUntil }: Files): Draft {
  const [{ service }] = cases as [HalfCloseCase, ...HalfCloseCase[]];
  const since = earliest(cases.map((one) => one.since));
  const first = earliest(cases.map(({ openedAt }) => openedAt));
  const refused = troubles.filter((one) => one.service === service && one.since >= first);
  const dropped = count(refused, "syn-unanswered");
  const overflown = count(refused, "queue-full");
  const clusters = patienceOf(cases);
  const bytes = unansweredBytes(cases);
  const served = service.answeredBetween(first, observedUntil);
  const isProved = dropped + overflown > 0;
  const where = endpointText(service.ip, service.port);
  const proof = [
    ...(dropped > 0 ? [`${countOf(dropped, "later connection attempt")} got no answer`] : []),
    ...(overflown > 0 ? [`the third ACK of ${countOf(overflown, "handshake")} was dropped`] : []),
  ].join(" and ");
  return {
    kind: "never-accepted",
    severity: cases.length >= 3 ? "high" : severityOf(cases.length),
    confidence: isProved ? "high" : "medium",
    holder: { ip: service.ip, port: service.port },
    since,
    until: null,
    summary: `${where} never sent a byte on ${countOf(cases.length, "connection")} that its kernel had established: ${numberText(bytes)} bytes of requests went unanswered, and nothing that was opened later was served.${patienceText(clusters)} ${isProved ? `The accept queue ${overflown > 0 ? "is" : "seems to be"} full: ${proof}.` : "Either nobody accepts, or the application hangs right behind accept()."}`,
    evidence: {
      connections: cases.length,
      unansweredBytes: bytes,
      clientTimeouts: patienceEvidence(clusters),
      unansweredSyns: dropped,
      handshakesDropped: overflown,
      queueLengthAtLeast: cases.length,
      servedMeanwhile: served,
    },
    alternatives: isProved
      ? overflown > 0
        ? []
        : ["a firewall that drops SYNs: `nstat -az TcpExtListenDrops` counts those that the queue refused"]
      : ["an application that hangs right after accept(): `ss -lnt` tells (Recv-Q of the listener)"],
    ...aboutHalfCloses(cases),
  };
}

const count = (troubles: readonly TroubleCase[], trouble: TroubleCase["trouble"]): number =>
  troubles.filter((one) => one.trouble === trouble).length;
