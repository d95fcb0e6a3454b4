import { AssertionError } from "node:assert";
import type { Analysis, FindingKind } from "../analysis/model.ts";
import { CloseWaitError } from "../errors.ts";
import { provenanceOf } from "../record/recordings.ts";
import { accountOf } from "./account.ts";
import { everyFlowClosed } from "./every-flow-closed.ts";
import { hasFinding } from "./finding.ts";
import { analysisIn } from "./matchers.ts";
import { type NoStuckFlowsOptions, noStuckFlows } from "./no-stuck-flows.ts";
import type { Outcome } from "./outcome.ts";

/** What `analyze` returned, or `record`. */
export type Judgeable = Analysis | { readonly analysis: Analysis };

/**
 * For node:test and plain scripts: throws an AssertionError that shows the flows, as the matcher `toHaveNoStuckFlows` does. Young half-closes
 * count, unless `minAge` lets them pass; those whose holder still sends do not.
 *
 * @example
 * assertNoStuckFlows(await analyze("traffic.pcap"), { minAge: "5s" });
 */
export function assertNoStuckFlows(subject: Judgeable, options: NoStuckFlowsOptions = {}): void {
  const analysis = analysisOf(subject);
  require(noStuckFlows(analysis, options), analysis, assertNoStuckFlows);
}

/** Every flow was closed by both ends, reset, or refused. To see which was not, analyse with `flows: "every"`, as `record` does. */
export function assertEveryFlowClosed(subject: Judgeable): void {
  const analysis = analysisOf(subject);
  require(everyFlowClosed(analysis), analysis, assertEveryFlowClosed);
}

/** There is no finding of this kind. */
export function assertNoFinding(subject: Judgeable, kind: FindingKind): void {
  const analysis = analysisOf(subject);
  const outcome = hasFinding(analysis, kind);
  const negated = { ...outcome, pass: !outcome.pass, claim: outcome.opposite, opposite: outcome.claim };
  require(negated, analysis, assertNoFinding);
}

function analysisOf(subject: Judgeable): Analysis {
  const analysis = analysisIn(subject);
  if (analysis !== null) return analysis;
  throw new CloseWaitError("usage", "expected what analyze or record returned: await it first");
}

function require(outcome: Outcome, analysis: Analysis, caller: (...values: never[]) => void): void {
  if (outcome.pass) return;
  provenanceOf(analysis)?.file.keep();
  throw new AssertionError({
    message: accountOf(outcome, analysis, false),
    operator: caller.name,
    stackStartFn: caller,
  });
}
