import { endpointText } from "../analysis/flow-name.ts";
import { stoppedAt } from "../analysis/growth.ts";
import type { HalfCloseCase } from "./case.ts";
import {
  aboutHalfCloses,
  countBy,
  type Detector,
  type Draft,
  earliest,
  type Files,
  isSettled,
  latest,
  severityOf,
  wasNotClosed,
} from "./draft.ts";
import { clustersOf, groupBy, medianOf } from "./statistics.ts";
import { countOf, durationText, listText, secondsOf } from "./words.ts";

/** Idle means: longer than so many of the connection's own pauses between requests, */
const PAUSE_COUNT = 2;
/** and not just the time a server takes to close behind its answer. */
const BEHIND_ANSWER_NANOS = 0.1e9;

/** So much of a group must share a pattern before the pattern is named. */
const SHARE_MIN = 0.6;

/**
 * A time-out fires for each connection on its own: FINs lie this much further apart than idle times differ. Where all FINs lie within a
 * small part of the idle time it takes more to say so: connections that were last used together and closed together look alike.
 */
const SCATTER_FACTOR = 10;
const SCATTER_FACTOR_IN_BURST = 100;
const BURST_SHARE = 0.05;
const TIMER_NANOS = 1e6;

/** FINs within so small a part of the connections' life have one cause. */
const AT_ONCE_SHARE = 0.1;

/**
 * A client holds connections that servers closed while they were idle.
 *
 * Deliberately not reported: connections that the client closed late (it noticed), connections closed right behind the answer (whoever
 * keeps those forgets to release a response: never-closed), and clients that reset them.
 */
export const idlePool: Detector = (files) => {
  const stale = files.open.filter((one) => one.holderRole === "client" && wasNotClosed(one) && one.bytesAfterFin === 0);
  return [...groupBy(stale, ({ holderIp, name }) => `${holderIp} ${name.serverPort}`).values()].flatMap((group) => {
    const idle = group.filter(wasIdle);
    const cases = idle.length >= SHARE_MIN * group.length ? idle : wasClosedAtOnce(group) ? group : [];
    return cases.length > 0 && isSettled(cases) ? [draft(cases, files)] : [];
  });
};

export const wasIdle = ({ idleNanos, gapNanos }: HalfCloseCase): boolean =>
  idleNanos > PAUSE_COUNT * gapNanos && idleNanos > BEHIND_ANSWER_NANOS;

/** A pool in use, closed by its server: all FINs within a small part of the connections' life, and none behind an answer. */
function wasClosedAtOnce(cases: readonly HalfCloseCase[]): boolean {
  const fins = cases.map(({ fin }) => fin.at);
  const lives = cases.map(({ fin, openedAt }) => fin.at - openedAt);
  const isBurst = cases.length >= 3 && latest(fins) - earliest(fins) < AT_ONCE_SHARE * medianOf(lives);
  return isBurst && medianOf(cases.map(({ idleNanos }) => idleNanos)) > BEHIND_ANSWER_NANOS;
}

/** The fixed idle time after which the server closed; null when something else made it close. */
export function idleTimeoutOf(
  cases: readonly HalfCloseCase[],
): { nanos: number; count: number; spread: number } | null {
  const [best] = clustersOf(
    cases.map(({ idleNanos }) => idleNanos),
    3,
  ).sort((a, b) => b.count - a.count);
  if (best === undefined || best.count < SHARE_MIN * cases.length) return null;
  const fins = cases.map(({ fin }) => fin.at);
  const windowNanos = latest(fins) - earliest(fins);
  const factor = windowNanos < BURST_SHARE * best.value ? SCATTER_FACTOR_IN_BURST : SCATTER_FACTOR;
  const scattered = windowNanos > factor * Math.max(best.spread, TIMER_NANOS);
  return scattered ? { nanos: best.value, count: best.count, spread: best.spread } : null;
}

function draft(cases: readonly HalfCloseCase[], { observedUntil }: Files): Draft {
  const [{ holderIp, name }] = cases as [HalfCloseCase, ...HalfCloseCase[]];
  const servers = countBy(cases, (one) => endpointText(one.name.serverIp, one.name.serverPort));
  const fins = cases.map(({ fin }) => fin.at).sort((a, b) => a - b);
  const since = earliest(cases.map((one) => one.since));
  const windowNanos = latest(fins) - earliest(fins);
  const idleNanos = medianOf(cases.map((one) => one.idleNanos));
  const timeout = idleTimeoutOf(cases);
  const open = cases.filter(({ endedBy }) => endedBy === null).length;
  const byReset = cases.filter(({ endedBy }) => endedBy === "reset").length;
  const probing = cases.filter(({ probes }) => probes.holder > 0).length;
  const probed = cases.filter(({ probes }) => probes.closer > 0).length;
  const closed =
    cases.length === 1
      ? `closed it after ${durationText(idleNanos)} of idleness`
      : `closed them within ${durationText(windowNanos)} after a median idle of ${durationText(idleNanos)}`;
  const why =
    timeout === null ? closed : `closes after ${durationText(timeout.nanos)} of idleness, which the pool outlives`;
  const servings = listText([...servers.keys()]);
  return {
    kind: "idle-pool",
    severity: severityOf(cases.length),
    confidence: cases.length >= 3 && (timeout !== null || windowNanos < idleNanos) ? "high" : "medium",
    holder: { ip: holderIp, port: null },
    since,
    until: open === 0 ? latest(cases.map((one) => one.until)) : stoppedAt(fins, observedUntil),
    summary: `${holderIp} (client) kept ${countOf(cases.length, cases.length === 1 ? "idle connection" : "pooled connection")} to ${servings} in CLOSE-WAIT: the server ${why}, and the client did not notice.${byReset > 0 ? ` ${byReset} of them ended by a reset since.` : ""} ${keepAliveText(probing, probed, cases.length)}`,
    evidence: {
      connections: cases.length,
      open,
      endedByReset: byReset,
      servers: [...servers].map(([endpoint, connections]) => ({ endpoint, connections })),
      port: name.serverPort,
      closedWithinSeconds: secondsOf(windowNanos),
      idleMedianSeconds: secondsOf(idleNanos),
      idleTimeoutSeconds: timeout && secondsOf(timeout.nanos),
      idleTimeoutSample: timeout && { connections: timeout.count, spreadSeconds: secondsOf(timeout.spread) },
      requestGapMedianSeconds: secondsOf(medianOf(cases.map((one) => one.gapNanos))),
      keepAliveOfHolder: probing,
      keepAliveOfCloser: probed,
    },
    alternatives:
      cases.length === 1 ? ["never-closed: of a single connection nobody can tell that it belonged to a pool"] : [],
    ...aboutHalfCloses(cases),
  };
}

function keepAliveText(probing: number, probed: number, count: number): string {
  if (probing > 0) return `Keep-alive is on at the client (${probing} of ${count}).`;
  if (probed > 0) return `Keep-alive is on at the server only (${probed} of ${count}), which does not help.`;
  return "No keep-alive was seen.";
}
