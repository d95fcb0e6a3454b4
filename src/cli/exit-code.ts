import type { Analysis } from "../analysis/model.ts";
import type { FailCondition } from "./parse/fail-on.ts";

/** The contract with scripts. What was found never changes it, unless `--fail-on` asks for that. */
export const EXIT_CODES = {
  analyzed: 0,
  conditionHolds: 1,
  /** Wrong usage, or nothing readable. */
  unusable: 2,
  /** Ctrl-C twice. */
  interrupted: 130,
} as const;

/** The code of a command that came to a result; without one it is `unusable`. */
export function exitCode(analysis: Analysis, conditions: readonly FailCondition[]): number {
  const holds = conditions.some((condition) => explainIfHolds(condition, analysis) !== null);
  return holds ? EXIT_CODES.conditionHolds : EXIT_CODES.analyzed;
}

/** Says why a condition holds, or null when it does not. */
export function explainIfHolds(condition: FailCondition, analysis: Analysis): string | null {
  switch (condition.kind) {
    case "stuck":
      return analysis.totals.stuck > condition.above ? `${analysis.totals.stuck} stuck` : null;
    case "half-closed":
      return analysis.totals.halfClosed > condition.above ? `${analysis.totals.halfClosed} half-closed` : null;
    case "finding": {
      const count = analysis.findings.filter((finding) => finding.kind === condition.finding).length;
      return count > 0 ? `${count} found` : null;
    }
    case "problem": {
      const count = analysis.captures.filter((capture) => capture.cutShort || capture.problems.length > 0).length;
      return count > 0 ? `${count} of ${analysis.captures.length} captures with problems` : null;
    }
  }
}
