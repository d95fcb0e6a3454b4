import { countOf } from "./count.ts";
import type { Paper } from "./paper.ts";

/** One assertion and what became of it, in printable words. */
export interface AssertionReport {
  /** `no stuck flows`. */
  readonly name: string;
  readonly pass: boolean;
  /** `4 of 9 flows are half-closed`. */
  readonly found: string;
  /** What shows it, in paragraphs; empty when it passed. */
  readonly evidence: readonly string[];
}

/** `closewait assert` for people: a line each, and below those that failed what shows it. */
export function renderAssertions(reports: readonly AssertionReport[], { ink, detail }: Paper): string {
  const failed = reports.filter(({ pass }) => !pass).length;
  const lines = reports.map(
    ({ pass, name, found }) => `${pass ? ink.green("ok    ") : ink.red("FAILED")}  ${name}: ${found}`,
  );
  // Several assertions may fail for the same flows.
  const evidence = detail === "quiet" ? [] : new Set(reports.flatMap((report) => report.evidence));
  const sum = failed === 0 ? "All assertions hold." : `${failed} of ${countOf(reports.length, "assertion")} failed.`;
  return `${[lines.join("\n"), ...evidence, ink.bold(sum)].join("\n\n")}\n`;
}
