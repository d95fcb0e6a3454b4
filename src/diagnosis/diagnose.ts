import type { ClosingTimes } from "../analysis/closing-times.ts";
import { endpointText, idOf } from "../analysis/flow-name.ts";
import type { Finding, FindingExample, Level } from "../analysis/model.ts";
import type { Reading } from "../analysis/reading.ts";
import type { EndpointKey } from "../tcp/history.ts";
import { acceptQueueOverflow } from "./accept-queue-overflow.ts";
import { blockedByHalfClosed } from "./blocked-by-half-closed.ts";
import type { Casebook } from "./casebook.ts";
import { clientTimeout } from "./client-timeout.ts";
import { connectionCap } from "./connection-cap.ts";
import { dependencyStall } from "./dependency-stall.ts";
import type { Detector, Draft, Proof } from "./draft.ts";
import { finBurst } from "./fin-burst.ts";
import { finUnacked } from "./fin-unacked.ts";
import { idlePool } from "./idle-pool.ts";
import { KINDS } from "./kinds.ts";
import { neverAccepted } from "./never-accepted.ts";
import { neverClosed } from "./never-closed.ts";
import { neverTouched } from "./never-touched.ts";
import { findRelays, relayedBy, victimsOf } from "./relays.ts";
import { serverIdleTimeout } from "./server-idle-timeout.ts";
import { slowClose } from "./slow-close.ts";
import { timeWaitChurn } from "./time-wait-churn.ts";
import { unreadData } from "./unread-data.ts";
import { vanishedPeer } from "./vanished-peer.ts";
import { writeAfterClose } from "./write-after-close.ts";

const FLOWS_MAX = 1000;
const EXAMPLES_MAX = 5;

/** The specific before the general: what one has explained the next does not see. */
const DETECTORS: readonly Detector[] = [
  idlePool,
  neverTouched,
  dependencyStall,
  neverAccepted,
  unreadData,
  writeAfterClose,
  neverClosed,
  slowClose,
  connectionCap,
  timeWaitChurn,
  acceptQueueOverflow,
  blockedByHalfClosed,
  vanishedPeer,
  finUnacked,
  clientTimeout,
  serverIdleTimeout,
  finBurst,
];

const RANK: Readonly<Record<Level, number>> = { high: 0, medium: 1, low: 2 };

/** What lies behind the flows that were collected: worst first, then by time. */
export function diagnose(
  casebook: Casebook,
  reading: Reading,
  closingTimes: (holder: EndpointKey) => ClosingTimes | null,
): Finding[] {
  const { clock, observation, options } = reading;
  const evidence = casebook.evidence();
  const relays = findRelays(evidence.halfCloses);
  let open = evidence.halfCloses.filter((one) => !relays.has(one));
  const drafts: Draft[] = [];
  for (const detect of DETECTORS) {
    const found = detect({
      ...evidence,
      open,
      observedUntil: observation.end(),
      timeWaitNanos: options.timeWaitSeconds * 1e9,
      minAgeNanos: options.minAgeSeconds * 1e9,
      clock,
      closingTimes,
    });
    drafts.push(...found);
    const explained = new Set(found.flatMap(({ explains }) => explains));
    if (explained.size > 0) open = open.filter((one) => !explained.has(one));
  }
  drafts.push(...victimsOf(relays, drafts));
  return drafts.sort(byWeight).map((draft) => findingOf(draft, relayedBy(relays, draft), evidence.leftOut, reading));
}

/** Worst first, causes before their victims, then the earliest; where all are equal by what and by whom. */
function byWeight(a: Draft, b: Draft): number {
  const nameOf = ({ kind, holder, peers }: Draft) => `${kind} ${holder?.ip} ${holder?.port} ${[...peers.keys()][0]}`;
  return (
    RANK[a.severity] - RANK[b.severity] ||
    Number(a.relayedTo !== undefined) - Number(b.relayedTo !== undefined) ||
    a.since - b.since ||
    (nameOf(a) < nameOf(b) ? -1 : 1)
  );
}

function findingOf(draft: Draft, relayedByWhom: readonly object[], leftOut: number, { clock }: Reading): Finding {
  const { kind, severity, confidence, holder, since, until, summary, proofs, flowCount } = draft;
  const [check = ""] = KINDS[kind].checks;
  return {
    kind,
    severity,
    confidence,
    holder,
    peers: [...draft.peers]
      .map(([ip, count]) => ({ ip, count }))
      .sort((a, b) => b.count - a.count || (a.ip < b.ip ? -1 : 1)),
    relayedTo: draft.relayedTo ?? null,
    since: clock.timestamp(since),
    until: until === null ? null : clock.timestamp(until),
    summary,
    evidence: {
      ...draft.evidence,
      ...(relayedByWhom.length > 0 && { relayedBy: relayedByWhom }),
      ...(leftOut > 0 && { flowsLeftOut: leftOut }),
    },
    examples: proofs.slice(0, EXAMPLES_MAX).map((proof) => exampleOf(proof, clock)),
    alternatives: draft.alternatives ?? [],
    advice: check.replaceAll("HOLDER", holder === null ? "" : endpointOf(holder)),
    flows: proofs.slice(0, FLOWS_MAX).map(({ name }) => idOf(name, clock)),
    flowCount,
  };
}

const endpointOf = ({ ip, port }: { ip: string; port: number | null }): string =>
  port === null ? ip : endpointText(ip, port);

function exampleOf({ name, frames }: Proof, clock: Reading["clock"]): FindingExample {
  return {
    flow: idOf(name, clock),
    frames: frames.map(({ shows, sighting: { at, capture, frame } }) => ({
      at: clock.timestamp(at),
      capture,
      frame,
      shows,
    })),
  };
}
