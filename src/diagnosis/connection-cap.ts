import { endpointText } from "../analysis/flow-name.ts";
import { stoppedAt } from "../analysis/growth.ts";
import type { Detector, Draft, Files } from "./draft.ts";
import type { Refusals } from "./refusals.ts";
import type { Caller, Service } from "./service.ts";
import { countOf, numberText } from "./words.ts";

/** Fewer refusals are no limit. */
const REFUSAL_COUNT_MIN = 3;

/** So much of them must find the same number of connections open. */
const SHARE_MIN = 0.8;

/** More are not looked at: the number of open connections is counted anew for each. */
const REFUSAL_SAMPLE = 500;

/**
 * A server closes every further connection of one client address at once, while a fixed number of others stands.
 *
 * Deliberately not reported: servers that refuse whatever they get (a closed port, a full server: the number of open connections differs),
 * clients that write into a connection that was just refused (they are quick, not late), and servers that close behind each answer.
 */
export const connectionCap: Detector = (files) =>
  files.services.flatMap((service) =>
    [...service.callers.values()].flatMap((caller) => {
      const { refusals } = caller;
      if (refusals === null || refusals.moments.count < REFUSAL_COUNT_MIN) return [];
      const cap = capOf(caller, refusals);
      return cap === null || !(refusals.isProved || isPlausible(caller, refusals, cap))
        ? []
        : [draft(service, caller, refusals, cap, files)];
    }),
  );

interface Cap {
  readonly count: number;
  readonly agreeing: number;
  readonly sample: number;
}

/** How many connections stand whenever one is refused. */
function capOf({ sessions }: Caller, { moments }: Refusals): Cap | null {
  const step = Math.max(1, Math.ceil(moments.at.length / REFUSAL_SAMPLE));
  const tally = new Map<number, number>();
  let sample = 0;
  for (let index = 0; index < moments.at.length; index += step) {
    const open = sessions.openAt(moments.at[index] ?? 0);
    tally.set(open, (tally.get(open) ?? 0) + 1);
    sample++;
  }
  const [count, agreeing] = [...tally].sort((a, b) => b[1] - a[1])[0] ?? [0, 0];
  return count > 0 && agreeing >= SHARE_MIN * sample ? { count, agreeing, sample } : null;
}

/**
 * Where every client had asked before it was refused, only the resets tell that the server did not read it; a server may also abort what it
 * has answered. Then a limit has one message, and nobody is let in above it.
 */
function isPlausible({ sessions }: Caller, refusals: Refusals, { count }: Cap): boolean {
  const at = refusals.moments.inOrder();
  return refusals.isOneMessage && sessions.peakBetween(at[0] ?? 0, at.at(-1) ?? 0) <= count;
}

function draft(service: Service, caller: Caller, refusals: Refusals, cap: Cap, files: Files): Draft {
  const at = refusals.moments.inOrder();
  const [since, last] = [at[0] ?? 0, at.at(-1) ?? 0];
  const { count } = refusals.moments;
  const seconds = (last - since) / 1e9;
  const perSecond = seconds > 0 ? (count - 1) / seconds : 0;
  const orderly = count - refusals.resets;
  const peak = peakWithin(at, files.timeWaitNanos) * (count / at.length) * (orderly / count);
  const where = endpointText(service.ip, service.port);
  return {
    kind: "connection-cap",
    severity: count >= 20 ? "high" : "medium",
    confidence: refusals.isProved && cap.agreeing === cap.sample && cap.sample >= 5 ? "high" : "medium",
    holder: { ip: service.ip, port: service.port },
    peers: new Map([[caller.ip, count]]),
    since,
    until: stoppedAt(at, files.observedUntil),
    summary: `${where} seems to allow ${countOf(cap.count, "connection")} per client address, and ${caller.ip} is at that limit: ${countOf(count, "further connection")} ${count === 1 ? "was" : "were"} closed by the server at once, ${perSecond >= 1 ? `${perSecond.toFixed(1)} a second` : `${(perSecond * 60).toFixed(1)} a minute`}, which leaves about ${numberText(peak)} sockets in TIME-WAIT on the server at the peak.`,
    evidence: {
      cap: cap.count,
      capSample: { refusals: cap.sample, agreeing: cap.agreeing },
      client: caller.ip,
      refused: count,
      refusedByReset: refusals.resets,
      refusedPerSecond: Math.round(perSecond * 1000) / 1000,
      timeWaitPeak: Math.round(peak),
      connectionsOfClient: caller.flows,
    },
    alternatives: [
      ...(refusals.isProved
        ? []
        : ["a server that answers each request and resets the connection (SO_LINGER of zero)"]),
      "several clients behind that address (NAT, pods) which share one limit",
      "a limit that counts connections which sent nothing in the capture as well: then it is higher",
    ],
    proofs: refusals.named.map(({ name, close }) => ({ name, frames: [{ shows: "refused", sighting: close }] })),
    flowCount: count,
    explains: [],
  };
}

/** The most within any stretch of so long. In order. */
export function peakWithin(moments: readonly number[], nanos: number): number {
  let [peak, first] = [0, 0];
  for (const [index, at] of moments.entries()) {
    while (at - (moments[first] ?? at) > nanos) first++;
    peak = Math.max(peak, index - first + 1);
  }
  return peak;
}
