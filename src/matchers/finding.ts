import type { Analysis, Finding, FindingKind } from "../analysis/model.ts";
import { KINDS } from "../diagnosis/kinds.ts";
import { CloseWaitError } from "../errors.ts";
import { countOf } from "../report/count.ts";
import { sanitize } from "../report/sanitize.ts";
import type { Outcome } from "./outcome.ts";

/**
 * Text that names a kind of finding. A misspelt one would never be found, and its absence prove nothing.
 *
 * @throws CloseWaitError ("usage")
 */
export function readKind(text: string): FindingKind {
  if (Object.hasOwn(KINDS, text)) return text as FindingKind;
  const known = Object.keys(KINDS).join(", ");
  throw new CloseWaitError("usage", `there is no finding '${text}': known are ${known}`);
}

/** There is a finding of this kind. */
export function hasFinding({ findings }: Analysis, kind: FindingKind): Outcome {
  readKind(kind);
  const found = findings.filter((finding) => finding.kind === kind);
  const kinds = [...new Set(findings.map((finding) => sanitize(finding.kind)))].join(", ");
  return {
    pass: found.length > 0,
    claim: `the finding ${sanitize(kind)}`,
    opposite: `no finding ${sanitize(kind)}`,
    found: found.length > 0 ? `there ${found.length === 1 ? "is one" : `are ${found.length}`}` : other(findings, kinds),
    flows: [],
    findings: found.length > 0 ? found : findings,
  };
}

function other(findings: readonly Finding[], kinds: string): string {
  return findings.length === 0
    ? "there are no findings"
    : `there ${findings.length === 1 ? "is" : "are"} only ${countOf(findings.length, "other")}: ${kinds}`;
}
