import type { Analysis, Finding, Flow } from "../analysis/model.ts";
import { CloseWaitError } from "../errors.ts";
import { provenanceOf } from "../record/recordings.ts";
import { countOf, formatCount } from "../report/count.ts";
import { undecidedReasons } from "../report/undecided.ts";

/** What became of an expectation. */
export interface Outcome {
  readonly pass: boolean;
  /** What was expected, and what its negation expects: `no stuck flows`, `stuck flows`. */
  readonly claim: string;
  readonly opposite: string;
  /** What is the case: `1 of 3 flows is half-closed`. */
  readonly found: string;
  /** What shows it. */
  readonly flows: readonly Flow[];
  readonly findings?: readonly Finding[];
}

/** `1 of 3 flows is`, `none of 3 flows is`, `the only flow is not`. */
export function shareOf(count: number, total: number): string {
  const flows = countOf(total, "flow");
  if (count === 0) return total === 1 ? "the only flow is not" : `none of ${flows} is`;
  if (count === total) return total === 1 ? "the only flow is" : `all ${flows} are`;
  return `${formatCount(count)} of ${flows} ${count === 1 ? "is" : "are"}`;
}

/** A connection seen under two names counts once. */
export const countedFlows = ({ flows }: Analysis): readonly Flow[] => flows.filter(({ sameAs }) => sameAs === null);

/**
 * Without a connection nothing can leak, and nothing is proved: a wrong port must not pass for a test.
 *
 * @throws CloseWaitError ("nothing-readable")
 */
export function refuseNothing(analysis: Analysis): void {
  if (analysis.totals.flows > 0) return;
  const provenance = provenanceOf(analysis);
  const where = provenance ? `was recorded (${provenance.recorded}): is that the service's port?` : "is in the capture";
  throw new CloseWaitError("nothing-readable", `nothing to judge: no TCP connection ${where}`);
}

/**
 * A capture that proves nothing of any flow (the ACKs, or one direction, were not captured) must not pass for one without leaks.
 *
 * @throws CloseWaitError ("nothing-readable")
 */
export function refuseUndecided({ totals }: Analysis): void {
  const { undecided, flows, byVerdict } = totals;
  const transient = (byVerdict.opening ?? 0) + (byVerdict.closing ?? 0);
  if (undecided === 0 || undecided + transient < flows) return;
  throw new CloseWaitError(
    "nothing-readable",
    `nothing to judge: ${shareOf(undecided, flows)} undecided${undecidedReasons(totals)}: capture both directions and all ACKs`,
  );
}

/** What an absence leaves open: `, 2 are undecided (mid-stream 2)`. */
export function undecidedRest({ totals }: Analysis): string {
  const { undecided } = totals;
  return undecided === 0
    ? ""
    : `, ${formatCount(undecided)} ${undecided === 1 ? "is" : "are"} undecided${undecidedReasons(totals)}`;
}

/** @throws CloseWaitError ("usage") when the analysis counted half-closes and does not list them */
export function refuseUnlisted(analysis: Analysis): void {
  const listed = countedFlows(analysis).filter(({ verdict }) => verdict === "half-closed").length;
  if (listed >= analysis.totals.halfClosed) return;
  throw new CloseWaitError(
    "usage",
    "this analysis does not list all of its half-closed flows: was it made with onFlow?",
  );
}
