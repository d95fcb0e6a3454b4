import type {
  BySide,
  CaptureReport,
  Endpoint,
  Evidence,
  HalfCloseStatus,
  Side,
  Timestamp,
  Verdict,
} from "../analysis/model.ts";

/**
 * What `compare --format json` prints: one network path, captured at two points. Field names and meanings are a contract
 * (schema version 1, `src/report/compare.schema.json`); fields may be added, never renamed or given another meaning.
 */
export type PointName = "a" | "b";

export type ByPoint<T> = Readonly<Record<PointName, T>>;

/** Segments whose loss changes what becomes of a connection. ACK: the one that acknowledges the peer's FIN. */
export const CONTROL_KINDS = ["SYN", "SYN-ACK", "FIN", "ACK of FIN", "RST"] as const;
export type ControlKind = (typeof CONTROL_KINDS)[number];

/**
 * lost: seen at the sender's side and not at the receiver's, where it would have been captured: dropped in between.
 * not-captured: the receiver got it, or was seen to; only this capture lacks it.
 * inserted: seen at the receiver's side and never at the sender's: a device in between sent it, or the sender's side was not captured.
 * unknown: nothing tells which point is nearer to its sender.
 */
export type Fate = "lost" | "not-captured" | "inserted" | "unknown";

/** A control segment that only one point saw, or saw more often. */
export interface Discrepancy {
  readonly segment: ControlKind;
  readonly sender: Side;
  readonly fate: Fate;
  /** The point that saw it; the frame is that of its first copy there. */
  readonly seenAt: PointName;
  readonly evidence: Evidence;
  /** How many copies passed each point. */
  readonly copies: ByPoint<number>;
  /** The sender tried again, and a later copy came through. */
  readonly arrivedLater: boolean;
}

/** A connection as one point saw it. */
export interface PointView {
  /** Id of the flow in that capture. */
  readonly id: string;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly verdict: Verdict;
  readonly status: HalfCloseStatus | null;
  readonly segments: BySide<number>;
}

/** A connection that at least one point saw. */
export interface ComparedFlow {
  readonly a: PointView | null;
  readonly b: PointView | null;
  /** How its two views were recognised as one; null when there is only one. */
  readonly matchedBy: "addresses-and-numbers" | "addresses" | "numbers" | null;
  /** What became of it by all that both points saw. */
  readonly verdict: Verdict;
  /** The discrepancy that explains why the ends, or the points, do not agree; null when there is none. */
  readonly because: Discrepancy | null;
  /** The point at whose side the client is; null when it cannot be told. */
  readonly clientAt: PointName | null;
  readonly discrepancies: readonly Discrepancy[];
}

/** How one kind of segment fared in one direction. */
export interface LossTotal {
  readonly segment: ControlKind;
  readonly sender: Side;
  readonly fate: Fate;
  /** The sender's point; of an unknown fate the one that saw it. */
  readonly from: PointName;
  readonly connections: number;
  /** Copies counted one by one. */
  readonly segments: number;
  /** Connections none of whose copies came through. */
  readonly never: number;
}

export interface ClockComparison {
  /** B's clock minus A's. */
  readonly offsetSeconds: number;
  /** Half the round trip between the points: as far as the two ways may differ. Null when segments of one direction only were seen at both. */
  readonly uncertaintySeconds: number | null;
  /** Both ways between the points together. */
  readonly roundTripSeconds: number | null;
  /** How fast the clocks part, in millionths; null when nothing of it is seen. */
  readonly driftPpm: number | null;
  /** Segments seen at both points that this was measured with, by the point that saw them first. */
  readonly samples: ByPoint<number>;
}

export interface ComparedPoint {
  readonly captures: readonly CaptureReport[];
  readonly from: Timestamp | null;
  readonly until: Timestamp | null;
  readonly flows: number;
}

export interface CompareTotals {
  /** Connections seen at both points. */
  readonly both: number;
  /** Of them, those under other addresses or ports. */
  readonly translated: number;
  readonly onlyA: number;
  readonly onlyB: number;
  /** Seen at one point only while the other was not capturing. */
  readonly outside: number;
  /** Seen at both, with a control segment that only one point saw. */
  readonly withDiscrepancy: number;
  /** Seen at both, with another verdict at each. */
  readonly verdictsDiffer: number;
}

export interface Comparison {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "closewait"; readonly version: string };
  readonly points: ByPoint<ComparedPoint>;
  /** Null when no segment was seen at both points. */
  readonly clock: ClockComparison | null;
  readonly totals: CompareTotals;
  /** Most connections first. */
  readonly losses: readonly LossTotal[];
  /** In the order of A's first records, then those of B alone; without `--all` only those in which the points differ. */
  readonly flows: readonly ComparedFlow[];
}
