import type { Analysis } from "../analysis/model.ts";
import { wasHalfClosed } from "../report/age.ts";
import { formatDuration } from "../report/duration.ts";
import { countedFlows, type Outcome, refuseNothing, refuseUndecided, shareOf, undecidedRest } from "./outcome.ts";

/** No half-close lasted longer, open or ended. The analysis has to list flows that "ever" were half-closed for so long. */
export function noLongHalfClose(analysis: Analysis, maxSeconds: number): Outcome {
  refuseNothing(analysis);
  refuseUndecided(analysis);
  const flows = countedFlows(analysis)
    .filter(wasHalfClosed)
    .filter(({ halfClose }) => halfClose.seconds > maxSeconds);
  const age = formatDuration(maxSeconds);
  return {
    pass: flows.length === 0,
    claim: `no half-close of more than ${age}`,
    opposite: `a half-close of more than ${age}`,
    found: `${longer(flows.length, analysis.totals.flows)}${undecidedRest(analysis)}`,
    flows,
  };
}

/** `1 of 3 flows is or was half-closed for longer`. */
function longer(count: number, total: number): string {
  const were = count > 1 ? "were" : "was";
  return `${shareOf(count, total)} or ${were} half-closed for longer`;
}
