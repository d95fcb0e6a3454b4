import type { Analysis, Finding } from "../analysis/model.ts";
import { countOf } from "../report/count.ts";
import { sanitize } from "../report/sanitize.ts";
import type { Outcome } from "./outcome.ts";

/** There is a finding of this kind. */
export function hasFinding({ findings }: Analysis, kind: Finding["kind"]): Outcome {
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
