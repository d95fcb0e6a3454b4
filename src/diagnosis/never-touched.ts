import { endpointText } from "../analysis/flow-name.ts";
import { growthOf, stoppedAt } from "../analysis/growth.ts";
import { exhaustionOf } from "../analysis/holders.ts";
import type { HalfCloseCase } from "./case.ts";
import {
  aboutHalfCloses,
  type Detector,
  type Draft,
  earliest,
  type Files,
  isSettled,
  latest,
  severityOf,
  spansOf,
  wasNotClosed,
} from "./draft.ts";
import { growthEvidence, growthText } from "./growth-text.ts";
import { groupBy, periodOf } from "./statistics.ts";
import { countOf, durationText, listText, secondsOf } from "./words.ts";

/**
 * A client connects and closes without a byte, and the server's application does nothing about it, while it serves others.
 *
 * Deliberately not reported: probes that end with a RST (they leave no socket, and nobody was served by them), connections without a
 * captured handshake (what they carried before is not known), and connections in which a request waits (never-accepted, unread-data).
 */
export const neverTouched: Detector = (files) => {
  const silent = files.open.filter(isUntouched);
  return [...groupBy(silent, ({ service }) => service).values()].flatMap((cases) => {
    if (!isSettled(cases) || isQueued(cases, files)) return [];
    return [draft(cases, files)];
  });
};

function isUntouched(one: HalfCloseCase): boolean {
  const { holderRole, hasHandshake, closerBytes, holderBytes, status } = one;
  return (
    holderRole === "server" &&
    hasHandshake &&
    closerBytes + holderBytes === 0 &&
    status !== "draining" &&
    wasNotClosed(one)
  );
}

/** Nothing that was opened later got an answer, and requests wait as well: the accept queue explains all of them. */
function isQueued(cases: readonly HalfCloseCase[], { open }: Files): boolean {
  const [{ service }] = cases as [HalfCloseCase, ...HalfCloseCase[]];
  const first = earliest(cases.map(({ openedAt }) => openedAt));
  if (service.touchedOpened.after(first) > 0) return false;
  return open.some((one) => one.service === service && one.unanswered !== null && one.holderBytes === 0);
}

function draft(cases: readonly HalfCloseCase[], files: Files): Draft {
  const { observedUntil, clock } = files;
  const [{ service }] = cases as [HalfCloseCase, ...HalfCloseCase[]];
  const since = earliest(cases.map((one) => one.since));
  const last = latest(cases.map((one) => one.since));
  const sources = [...groupBy(cases, ({ caller }) => caller)].map(([caller, own]) => {
    const probes = caller.probes?.inOrder() ?? [];
    const opened = own.map(({ openedAt }) => openedAt);
    const during = probes.filter((at) => at >= earliest(opened) && at <= latest(opened));
    return {
      ip: caller.ip,
      untouched: own.length,
      probes: Math.max(own.length, during.length),
      period: periodOf(probes),
    };
  });
  const probeCount = sources.reduce((sum, { probes }) => sum + probes, 0);
  const period = sources.find((source) => source.period !== null)?.period ?? null;
  const served = service.answeredBetween(since, last);
  const acceptsLater = service.touchedOpened.after(earliest(cases.map(({ openedAt }) => openedAt)));
  const growth = growthOf(spansOf(cases), observedUntil);
  const recovered =
    service.touchedOpened.after(last) > 0 &&
    sources.some(({ ip }) => probedAfter(service.callers.get(ip)?.probes?.at ?? [], last));
  const open = cases.filter(({ endedBy }) => endedBy === null).length;
  const where = endpointText(service.ip, service.port);
  return {
    kind: "never-touched",
    severity: severityOf(cases.length),
    confidence: cases.length >= 3 && served + acceptsLater > 0 ? "high" : "medium",
    holder: { ip: service.ip, port: service.port },
    since,
    until: recovered
      ? last
      : stoppedAt(
          cases.map((one) => one.since).sort((a, b) => a - b),
          observedUntil,
        ),
    summary: `${where} never touched ${cases.length} of ${countOf(probeCount, "probe")} from ${listText(sources.map(({ ip }) => ip))} (0 bytes, no FIN), while ${countOf(served, "other connection")} to the same port ${served === 1 ? "was" : "were"} served: accepted but never registered, or still in the accept queue.${period === null ? "" : ` The probes come every ${durationText(period.nanos)} from each address.`}${growthText(growth)}`,
    evidence: {
      untouched: cases.length,
      open,
      probes: probeCount,
      servedMeanwhile: served,
      acceptedLater: acceptsLater,
      periodSeconds: period && secondsOf(period.nanos),
      sources: sources.map((source) => ({
        ip: source.ip,
        untouched: source.untouched,
        probes: source.probes,
        periodSeconds: source.period && secondsOf(source.period.nanos),
        periodSample: source.period && { intervals: source.period.intervals, fitting: source.period.fitting },
      })),
      ...growthEvidence(growth, exhaustionOf(growth, open, observedUntil, clock)),
    },
    alternatives: [
      acceptsLater > 0
        ? "still in the accept queue: only if the server has several of them (SO_REUSEPORT), for connections opened later were taken"
        : "still in the accept queue (never-accepted): `ss -lnt` shows its length",
      "an application that waits for a first byte and does not watch for the end of file",
    ],
    ...aboutHalfCloses(cases),
  };
}

const probedAfter = (probes: readonly number[], at: number): boolean => probes.some((probe) => probe > at);
