import type { Clock } from "../analysis/clock.ts";
import type { ClosingTimes } from "../analysis/closing-times.ts";
import type { FlowName } from "../analysis/flow-name.ts";
import type { Endpoint, FindingKind, Level } from "../analysis/model.ts";
import type { EndpointKey, Sighting } from "../tcp/history.ts";
import type { Case, HalfCloseCase, TroubleCase } from "./case.ts";
import type { Evidence } from "./casebook.ts";

/** All that a detector may look at. */
export interface Files extends Evidence {
  /** End of observation. */
  readonly observedUntil: number;
  readonly timeWaitNanos: number;
  readonly minAgeNanos: number;
  readonly clock: Clock;
  /** Half-closes that no more specific detector has explained. */
  readonly open: readonly HalfCloseCase[];
  /** How long this endpoint takes to close: a server by its endpoint, a client by its address. */
  closingTimes(holder: EndpointKey): ClosingTimes | null;
}

/** A flow and the frames that prove what is said of it. */
export interface Proof {
  readonly name: FlowName;
  readonly frames: readonly { readonly shows: string; readonly sighting: Sighting }[];
}

/** A finding before it is put into the words of the result. */
export interface Draft {
  readonly kind: FindingKind;
  readonly severity: Level;
  readonly confidence: Level;
  readonly holder: { readonly ip: string; readonly port: number | null } | null;
  readonly peers: ReadonlyMap<string, number>;
  readonly relayedTo?: Endpoint;
  readonly since: number;
  readonly until: number | null;
  /** In the user's words: what happened, who is at fault, how fast it grows. */
  readonly summary: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly alternatives?: readonly string[];
  readonly proofs: readonly Proof[];
  readonly flowCount: number;
  /** The half-closes that this explains: less specific detectors leave them alone. */
  readonly explains: readonly Case[];
}

export type Detector = (files: Files) => Draft[];

/** What every finding about half-closes has in common. What lasted longest shows it best. */
export function aboutHalfCloses(cases: readonly HalfCloseCase[]) {
  return {
    peers: countBy(cases, ({ closerIp }) => closerIp),
    proofs: cases.toSorted((a, b) => b.until - b.since - (a.until - a.since)).map(proofOf),
    flowCount: cases.length,
    explains: cases,
  };
}

export function countBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  return counts;
}

function proofOf({ name, fin, finAck, end }: HalfCloseCase): Proof {
  return {
    name,
    frames: [
      { shows: "FIN", sighting: fin },
      { shows: "ACK of the FIN", sighting: finAck },
      ...(end === null ? [] : [{ shows: "end", sighting: end }]),
    ],
  };
}

/** The last attempt, and before it the last answer, or the first attempt. */
export function troubleProof({ name, frames, trouble }: TroubleCase): Proof {
  const before = trouble === "no-answer" ? "last answer" : "first attempt";
  const shows = (index: number) => (index === frames.length - 1 ? "last attempt" : before);
  return { name, frames: frames.map((sighting, index) => ({ shows: shows(index), sighting })) };
}

/** A half-close that its holder's application has not ended: open, or ended by somebody else. */
export const wasNotClosed = ({ endedBy, resetCause }: HalfCloseCase): boolean =>
  endedBy === null || endedBy === "reuse" || (endedBy === "reset" && resetCause !== "unread-data-or-abort");

/** Enough to say something: not all of them have only just begun. */
export const isSettled = (cases: readonly HalfCloseCase[]): boolean => cases.some(({ status }) => status !== "recent");

export const earliest = (moments: readonly number[]): number =>
  moments.reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY);

export const latest = (moments: readonly number[]): number =>
  moments.reduce((last, at) => Math.max(last, at), Number.NEGATIVE_INFINITY);

/** By number, and by whether it still grows. */
export function severityOf(count: number): Level {
  return count >= 10 ? "high" : count >= 3 ? "medium" : "low";
}

/** When each entered CLOSE-WAIT and left it; Infinity while it has not. */
export const spansOf = (cases: readonly HalfCloseCase[]): { since: number; until: number }[] =>
  cases.map(({ since, until, endedBy }) => ({ since, until: endedBy === null ? Number.POSITIVE_INFINITY : until }));
