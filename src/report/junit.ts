import type { AssertionReport } from "./assertion-report.ts";
import { sanitize } from "./sanitize.ts";

const SUITE = "closewait";

/** Not even a reference may name these (XML 1.0, section 2.2). */
const NO_CHARACTER = /[^\n\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const REFERENCES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/**
 * The results as JUnit XML, the dialect that CI servers agree on: one suite, one test case an assertion.
 *
 * @param captures their paths: what the test cases are about
 */
export function renderJunit(reports: readonly AssertionReport[], captures: readonly string[]): string {
  const failures = reports.filter(({ pass }) => !pass).length;
  const counts = `tests="${reports.length}" failures="${failures}" errors="0" skipped="0" time="0"`;
  const about = attribute(captures.join(", "));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${SUITE}" ${counts}>`,
    `  <testsuite name="${SUITE}" ${counts}>`,
    ...reports.flatMap((report) => testCase(report, about)),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase({ name, pass, found, evidence }: AssertionReport, about: string): string[] {
  const open = `    <testcase name="${attribute(name)}" classname="${about}" time="0"`;
  if (pass) return [`${open}/>`];
  const text = [`expected ${name}, but ${found}`, ...evidence].join("\n\n");
  return [
    `${open}>`,
    `      <failure message="${attribute(found)}" type="AssertionError">${content(text)}</failure>`,
    "    </testcase>",
  ];
}

const attribute = (text: string): string => escapeMarkup(sanitize(text));

/** Lines stay lines. */
const content = (text: string): string => escapeMarkup(text.split("\n").map(sanitize).join("\n"));

function escapeMarkup(text: string): string {
  const characters = text.replace(NO_CHARACTER, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`);
  return characters.replace(/[&<>"']/g, (found) => REFERENCES[found] ?? found);
}
