import { endpointText } from "../analysis/flow-name.ts";
import type { Detector } from "./draft.ts";
import { countOf, durationText, secondsOf } from "./words.ts";

const CLOSE_COUNT_MIN = 5;

/** A burst is so short, relative to the capture, and holds so much of what was closed when idle. */
const WINDOW_SHARE = 0.02;
const SHARE_MIN = 0.5;

/**
 * A server closed many idle connections at one moment.
 *
 * Deliberately not reported: connections closed behind an answer, and bursts that left sockets in CLOSE-WAIT (idle-pool tells of those).
 * By itself it is only a remark: a deployment looks like this.
 */
export const finBurst: Detector = ({ services, observedUntil, halfCloses }) => {
  const kept = new Set(halfCloses.filter(({ endedBy }) => endedBy === null).map(({ service }) => service));
  return services.flatMap((service) => {
    const at = service.idleCloses.inOrder();
    if (at.length < CLOSE_COUNT_MIN || kept.has(service)) return [];
    const window = WINDOW_SHARE * (observedUntil - Math.min(0, at[0] ?? 0));
    const { from, to } = densest(at, window);
    const count = to - from + 1;
    if (count < CLOSE_COUNT_MIN || count < SHARE_MIN * at.length) return [];
    const [since, until] = [at[from] ?? 0, at[to] ?? 0];
    return [
      {
        kind: "fin-burst" as const,
        severity: "low" as const,
        confidence: "medium" as const,
        holder: { ip: service.ip, port: service.port },
        peers: new Map(),
        since,
        until,
        summary: `${endpointText(service.ip, service.port)} closed ${countOf(count, "idle connection")} within ${durationText(until - since)}: as a restart, a deployment or a reaper does.`,
        evidence: { closed: count, ofIdleCloses: at.length, withinSeconds: secondsOf(until - since) },
        proofs: [],
        flowCount: count,
        explains: [],
      },
    ];
  });
};

/** Positions of the first and last of the most moments within any stretch of so long. */
function densest(moments: readonly number[], nanos: number): { from: number; to: number } {
  let best = { from: 0, to: 0 };
  let from = 0;
  for (const [to, at] of moments.entries()) {
    while (at - (moments[from] ?? at) > nanos) from++;
    if (to - from > best.to - best.from) best = { from, to };
  }
  return best;
}
