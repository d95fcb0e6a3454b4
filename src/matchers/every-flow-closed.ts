import type { Analysis, Verdict } from "../analysis/model.ts";
import { isHalfClosed } from "../report/age.ts";
import { countedFlows, type Outcome, refuseNothing, shareOf } from "./outcome.ts";

/** Nothing is left of these but a TIME-WAIT. */
const CLOSED: readonly Verdict[] = ["closed", "reset", "refused"];

/** Every flow was closed by both ends, or reset, or never came to be. */
export function everyFlowClosed(analysis: Analysis): Outcome {
  refuseNothing(analysis);
  const { totals } = analysis;
  const open = Object.entries(totals.byVerdict).filter(([verdict]) => !isClosed(verdict as Verdict));
  const count = open.reduce((sum, [, ofVerdict]) => sum + ofVerdict, 0);
  const flows = countedFlows(analysis).filter(({ verdict }) => !isClosed(verdict));
  const halfClosedFirst = flows.toSorted((a, b) => Number(isHalfClosed(b)) - Number(isHalfClosed(a)));
  const kinds = open.map(([verdict, ofVerdict]) => `${ofVerdict} ${verdict}`).join(", ");
  return {
    pass: count === 0,
    claim: "every flow to be closed",
    opposite: "a flow that is not closed",
    found:
      count === 0 ? `${shareOf(totals.flows, totals.flows)} closed` : `${shareOf(count, totals.flows)} not: ${kinds}`,
    flows: halfClosedFirst,
  };
}

const isClosed = (verdict: Verdict): boolean => CLOSED.includes(verdict);
