import type { Analysis, Finding, FindingExample } from "../analysis/model.ts";
import { KINDS, type KindInfo } from "../diagnosis/kinds.ts";
import { listText } from "../diagnosis/words.ts";
import { countOf } from "./count.ts";
import { formatEndpoint } from "./endpoint-text.ts";
import { formatFrame, type Page } from "./page.ts";
import { PROSE_WIDTH_MAX } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { wrapWords } from "./text-width.ts";

/** One cause is on the first screen; of many, the worst. Remarks beside findings that weigh more are one sentence each. */
const FINDINGS_SHOWN_MAX = 5;
const REMARKS_SHOWN_MAX = 5;

/** The patterns behind the half-closes, worst first, each with its frames, what else it may be, and what to look at next. */
export function findingsSection(analysis: Analysis, page: Page): string[] {
  const { findings } = analysis;
  const weighty = findings.filter(({ severity }) => severity !== "low");
  const remarks = findings.filter(({ severity }) => severity === "low");
  const isVerbose = page.detail === "verbose";
  const isFull = isVerbose || weighty.length === 0;
  const worst = isVerbose ? weighty : weighty.slice(0, FINDINGS_SHOWN_MAX);
  const shown = isVerbose ? remarks : remarks.slice(0, REMARKS_SHOWN_MAX);
  return [
    ...section("Findings", worst, (finding) => findingLines(finding, page), page),
    ...more(weighty.length - worst.length, page),
    ...(weighty.length > 0 && shown.length > 0 ? [""] : []),
    ...section(
      weighty.length > 0 ? "Also noticed" : "Findings",
      shown,
      (finding) => (isFull ? findingLines(finding, page) : remarkLines(finding, page)),
      page,
    ),
    ...more(remarks.length - shown.length, page),
  ];
}

const more = (count: number, page: Page): string[] => (count > 0 ? [page.ink.dim(`  … and ${count} more: -v`)] : []);

function section(
  title: string,
  findings: readonly Finding[],
  lines: (finding: Finding) => readonly string[],
  page: Page,
): string[] {
  return findings.length === 0 ? [] : [page.ink.bold(title), ...findings.flatMap(lines)];
}

/** A capture may come with an analysis of another version. */
const infoOf = ({ kind }: Finding): KindInfo | null => (Object.hasOwn(KINDS, kind) ? KINDS[kind] : null);

function findingLines(finding: Finding, page: Page): string[] {
  const width = Math.min(page.width, PROSE_WIDTH_MAX);
  const info = infoOf(finding);
  const title = info === null ? "" : `: ${info.title}`;
  const paragraph = (label: string, text: string) => wrapWords(`    ${label}${sanitize(text)}`, width, "      ");
  return [
    ...wrapWords(`  ${severity(finding, page)}  ${page.ink.bold(sanitize(finding.kind))}${title}`, width, "    "),
    ...wrapWords(`    ${scope(finding, page)}`, width, "    "),
    ...wrapWords(`    ${sanitize(finding.summary)}`, width, "    "),
    ...unregistered(finding, page).flatMap((text) => paragraph("", text)),
    ...(finding.relayedTo === null ? [] : paragraph("Cause: ", formatEndpoint(finding.relayedTo))),
    ...finding.examples.slice(0, 1).flatMap((example) => wrapWords(`    ${proof(example, page)}`, width, "      ")),
    ...finding.alternatives
      .slice(0, page.detail === "verbose" ? undefined : 1)
      .flatMap((text) => paragraph("Or: ", text)),
    ...(finding.advice === "" ? [] : paragraph("Next: ", finding.advice)),
    ...(page.detail === "verbose" ? backgroundLines(finding, info, width) : []),
  ];
}

function remarkLines(finding: Finding, page: Page): string[] {
  const width = Math.min(page.width, PROSE_WIDTH_MAX);
  return wrapWords(
    `  ${severity(finding, page)}  ${sanitize(finding.kind)}: ${sanitize(finding.summary)}`,
    width,
    "    ",
  );
}

/** All that is to be checked, and what is known of such a pattern in general. */
function backgroundLines({ advice, holder }: Finding, info: KindInfo | null, width: number): string[] {
  if (info === null) return [];
  const list = (label: string, texts: readonly string[]) =>
    texts.flatMap((text) => wrapWords(`    ${label}${sanitize(text)}`, width, "      "));
  const where = holder === null ? "" : formatEndpoint(holder);
  const checks = info.checks.map((check) => check.replaceAll("HOLDER", where)).filter((check) => check !== advice);
  return [
    ...list("Next: ", checks),
    ...list("", [info.explanation, info.consequence]),
    ...list("Common cause: ", info.causes),
  ];
}

/** Of a pool that keeps dead connections: which of them lead to what the registry has forgotten. */
function unregistered({ peers }: Finding, { names }: Page): string[] {
  const unknown = peers.filter(({ ip }) => names.unregistered.has(ip)).map(({ ip }) => ip);
  if (unknown.length === 0) return [];
  return [
    `Not in the list of known hosts: ${listText(unknown)} (${unknown.length} of ${countOf(peers.length, "peer")}).`,
  ];
}

/** `34 flows since 02:45:25 UTC until 02:50:00; confidence high`, `4 flows at 02:45:25 UTC; confidence high`. */
function scope({ flowCount, since, until, confidence }: Finding, { clock }: Page): string {
  const start = clock.time(since);
  const end = until === null ? ", still going on at the end" : ` until ${clock.time(until)}`;
  const isMoment = until !== null && clock.time(until) === start;
  const when = `${isMoment ? "at" : "since"} ${start} ${clock.zone(since)}${isMoment ? "" : end}`;
  return `${countOf(flowCount, "flow")} ${when}; confidence ${confidence}`;
}

/** `See frames 7 (FIN), 8 (ACK of the FIN): 10.0.0.1:40000-10.0.0.2:8080`. */
function proof({ flow, frames }: FindingExample, page: Page): string {
  const seen = frames.map((frame) => `${formatFrame(frame, page)} (${sanitize(frame.shows)})`).join(", ");
  return `See ${seen} of ${sanitize(flow.slice(0, flow.lastIndexOf("@")))}`;
}

function severity(finding: Finding, page: Page): string {
  if (finding.severity === "high") return page.ink.red("high");
  return finding.severity === "medium" ? page.ink.yellow("medium") : page.ink.dim("low");
}
