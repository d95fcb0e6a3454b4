import type { Analysis, Finding } from "../analysis/model.ts";
import { countOf } from "./count.ts";
import type { Page } from "./page.ts";
import { PROSE_WIDTH_MAX } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { wrapWords } from "./text-width.ts";

/** The patterns behind the half-closes, worst first, each with what to look at next. */
export function findingsSection(analysis: Analysis, page: Page): string[] {
  if (analysis.findings.length === 0) return [];
  return [page.ink.bold("Findings"), ...analysis.findings.flatMap((finding) => findingLines(finding, page))];
}

function findingLines(finding: Finding, page: Page): string[] {
  const width = Math.min(page.width, PROSE_WIDTH_MAX);
  const kind = page.ink.bold(sanitize(finding.kind));
  const flows = countOf(finding.flowCount, "flow");
  const until = finding.until === null ? "" : ` until ${page.clock.time(finding.until)}`;
  const span = `since ${page.clock.time(finding.since)}${until}`;
  return [
    `  ${severity(finding, page)}  ${kind}  ${flows}, ${span}`,
    ...wrapWords(`    ${sanitize(finding.summary)}`, width, "    "),
    ...(finding.advice === "" ? [] : wrapWords(`    Next: ${sanitize(finding.advice)}`, width, "          ")),
  ];
}

function severity(finding: Finding, page: Page): string {
  if (finding.severity === "high") return page.ink.red("high");
  return finding.severity === "medium" ? page.ink.yellow("medium") : page.ink.dim("low");
}
