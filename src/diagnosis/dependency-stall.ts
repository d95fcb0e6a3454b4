import { endpointText } from "../analysis/flow-name.ts";
import type { HalfCloseCase } from "./case.ts";
import { aboutHalfCloses, type Detector, type Draft, type Files, isSettled, latest, severityOf } from "./draft.ts";
import type { Caller, OpenConnection, Service } from "./service.ts";
import {
  firstRequestAt,
  gaveUpWaiting,
  patienceEvidence,
  patienceOf,
  patienceText,
  unansweredBytes,
} from "./stalled-requests.ts";
import { groupBy, medianOf } from "./statistics.ts";
import { countOf, durationText, numberText, secondsOf } from "./words.ts";

/** The last use of the dependency and the first unanswered request lie within so long of each other: work on a request takes some time. */
const COINCIDENCE_NANOS = 0.5e9;

/** Idle is what has not been used for so many of its own pauses. */
const PAUSE_COUNT = 5;

/** A single connection is no pool. */
const POOL_SIZE_MIN = 2;

/** The pool of a stalled server: what stands idle at another endpoint since requests were first left unanswered. */
interface StalledPool {
  readonly service: Service;
  readonly idle: readonly OpenConnection[];
  /** Connections to the same endpoint that were used later. */
  readonly inUse: number;
  readonly lastUseAt: number;
}

/**
 * A server stopped answering, and from that moment on its own connections to another endpoint stand idle.
 *
 * Deliberately not reported: a pool that was idle long before, one of which most connections are still used, and pools of a host that is
 * the client of the stuck connections (the idle survivors of its pool would match).
 */
export const dependencyStall: Detector = (files) => {
  const stalled = files.open.filter(gaveUpWaiting);
  return [...groupBy(stalled, ({ service }) => service)].flatMap(([service, cases]) => {
    if (cases.length < POOL_SIZE_MIN || !isSettled(cases)) return [];
    const onset = firstRequestAt(cases);
    const [pool] = poolsOf(service, onset, files).sort((a, b) => b.idle.length - a.idle.length);
    return pool === undefined ? [] : [draft(service, cases, onset, pool, files)];
  });
};

function poolsOf(stalled: Service, onset: number, { services, observedUntil }: Files): StalledPool[] {
  return services.flatMap((service) => {
    const caller = service === stalled ? undefined : service.callers.get(stalled.ip);
    const pool = caller && poolOf(service, caller, onset, observedUntil);
    return pool ?? [];
  });
}

function poolOf(service: Service, caller: Caller, onset: number, observedUntil: number): StalledPool | null {
  // A pool that grows when it is needed opens its last connections with the requests that then wait.
  const stalledAt = onset + COINCIDENCE_NANOS;
  const idle = caller.open.filter(({ openedAt, usedAt }) => openedAt <= stalledAt && usedAt <= stalledAt);
  if (idle.length < POOL_SIZE_MIN || idle.length * 2 < caller.openCount) return null;
  const lastUseAt = latest(idle.map(({ usedAt }) => usedAt));
  if (lastUseAt < onset - COINCIDENCE_NANOS) return null;
  // Those that stood before the capture began were used since it began.
  const opened = idle.reduce((first, { openedAt }) => Math.min(first, Math.max(0, openedAt)), Number.POSITIVE_INFINITY);
  const uses = idle.reduce((sum, { segments }) => sum + segments / 2, 0);
  const pauseNanos = (lastUseAt - opened) / Math.max(1, uses);
  if (observedUntil - lastUseAt < PAUSE_COUNT * pauseNanos) return null;
  return { service, idle, inUse: caller.openCount - idle.length, lastUseAt };
}

function draft(
  server: Service,
  cases: readonly HalfCloseCase[],
  onset: number,
  pool: StalledPool,
  files: Files,
): Draft {
  const { observedUntil } = files;
  const clusters = patienceOf(cases);
  const bytes = unansweredBytes(cases);
  const where = endpointText(server.ip, server.port);
  const dependency = endpointText(pool.service.ip, pool.service.port);
  const asking = pool.idle.filter(({ asks }) => asks).length;
  const served = server.answeredLast.after(onset + COINCIDENCE_NANOS);
  const idleNanos = observedUntil - pool.lastUseAt;
  const isExclusive = served === 0 && pool.inUse === 0;
  return {
    kind: "dependency-stall",
    severity: cases.length >= 3 ? "high" : severityOf(cases.length),
    confidence: isExclusive && cases.length >= 3 ? "high" : "medium",
    holder: { ip: server.ip, port: server.port },
    since: onset,
    until: null,
    summary: `${where} stopped answering: ${countOf(cases.length, "request")} (${numberText(bytes)} bytes) went unanswered.${patienceText(clusters)} Since the same moment ${countOf(pool.idle.length, "connection")} from ${server.ip} to ${dependency} stand idle and their number has not moved: look at what holds that pool.`,
    evidence: {
      unansweredRequests: cases.length,
      unansweredBytes: bytes,
      clientTimeouts: patienceEvidence(clusters),
      patienceMedianSeconds: secondsOf(medianOf(cases.flatMap(({ unanswered }) => unanswered?.patienceNanos ?? []))),
      dependency: { ip: pool.service.ip, port: pool.service.port },
      poolSize: pool.idle.length,
      poolConnectionsInUse: pool.inUse,
      poolIdleSeconds: secondsOf(idleNanos),
      poolLastUse: files.clock.timestamp(pool.lastUseAt),
      lastUseAfterOnsetSeconds: secondsOf(pool.lastUseAt - onset),
      waitingForDependency: asking,
      answeredSince: served,
    },
    alternatives: [
      asking > 0
        ? `the dependency itself: ${asking} of the connections to ${dependency} wait for its answer`
        : `a stall of another cause, of which the idle pool is the consequence (it has been idle for ${durationText(idleNanos)})`,
    ],
    ...aboutHalfCloses(cases),
  };
}
