import { parseSeconds } from "../analysis/duration.ts";
import type { Analysis, Flow } from "../analysis/model.ts";
import { CloseWaitError } from "../errors.ts";
import { isHalfClosed } from "../report/age.ts";
import { formatDuration } from "../report/duration.ts";
import { secondsBetween } from "../report/time-span.ts";
import {
  countedFlows,
  type Outcome,
  refuseNothing,
  refuseUndecided,
  refuseUnlisted,
  shareOf,
  undecidedRest,
} from "./outcome.ts";

/** Seconds, or a duration as on the command line: `250ms`, `5s`, `2m`. */
export type Age = number | string;

export interface NoStuckFlowsOptions {
  /** Half-closes younger than this are let pass; unless given, none is. */
  readonly minAge?: Age | undefined;
}

/** @throws CloseWaitError ("usage") */
export function readAge(age: Age): number {
  const seconds = typeof age === "string" ? parseSeconds(age) : age;
  if (seconds >= 0) return seconds;
  throw new CloseWaitError("usage", `minAge: expected seconds or a duration such as 250ms, got ${age}`);
}

/**
 * No flow is half-closed, unless its holder still sends, which is legal. Young half-closes count: at the end of a test nobody knows whether
 * one would have ended.
 */
export function noStuckFlows(analysis: Analysis, { minAge }: NoStuckFlowsOptions = {}): Outcome {
  refuseNothing(analysis);
  refuseUndecided(analysis);
  refuseUnlisted(analysis);
  const minSeconds = minAge === undefined ? null : readAge(minAge);
  const flows = countedFlows(analysis)
    .filter((flow) => isStuck(flow, minSeconds))
    .sort((a, b) => (b.halfClose?.seconds ?? 0) - (a.halfClose?.seconds ?? 0));
  const { halfClosed } = analysis.totals;
  const what = minSeconds === null ? "half-closed" : `half-closed for ${formatDuration(minSeconds)} or more`;
  const others = halfClosed - flows.length;
  const rest = others > 0 ? ` (${others} ${flows.length > 0 ? "more " : ""}younger, or still sending)` : "";
  return {
    pass: flows.length === 0,
    claim: "no stuck flows",
    opposite: "stuck flows",
    found: `${shareOf(flows.length, analysis.totals.flows)} ${what}${rest}${undecidedRest(analysis)}`,
    flows,
  };
}

function isStuck(flow: Flow, minSeconds: number | null): boolean {
  if (!isHalfClosed(flow)) return false;
  const { seconds, since, status, lastPayloadAt } = flow.halfClose;
  if (minSeconds === null) return status !== "draining";
  const sentAfter = lastPayloadAt === null ? null : secondsBetween(since, lastPayloadAt);
  const silentSeconds = seconds - (sentAfter ?? 0);
  return seconds >= minSeconds && (sentAfter === null || silentSeconds >= minSeconds);
}
