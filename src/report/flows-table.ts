import type { Analysis, Flow, Side, Verdict } from "../analysis/model.ts";
import { caveatLines } from "./caveats.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { formatNamed, unregisteredNote } from "./endpoint-text.ts";
import { sortFlows } from "./flow-order.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows } from "./notes.ts";
import { observationLines } from "./observation.ts";
import { createPage, type Page } from "./page.ts";
import { sanitize } from "./sanitize.ts";
import { joinSections } from "./sections.ts";
import { ASSUMED_LEGEND, ASSUMED_MARK } from "./state-text.ts";
import { foldParts, padEnd, wrapWords } from "./text-width.ts";
import { secondsBetween } from "./time-span.ts";
import type { AnalysisView } from "./view.ts";

const COLUMNS: readonly Column[] = [
  { head: "verdict" },
  { head: "client" },
  { head: "server" },
  { head: "client state" },
  { head: "server state" },
  { head: "opened" },
  { head: "duration", align: "right" },
  { head: "segments", align: "right" },
  { head: "bytes", align: "right" },
  { head: "closer" },
  { head: "notes", wraps: true },
];

/** `closewait flows` for people: every flow, one row. Pairs of numbers are client / server. */
export function renderFlowsTable(analysis: Analysis, view: AnalysisView): string {
  const page = createPage(analysis, view);
  const quiet = page.detail === "quiet";
  const sorted = page.order === null ? analysis.flows : sortFlows(analysis.flows, page.order);
  const shown = sorted.slice(0, page.flowCountMax);
  const rows = renderGrid(
    COLUMNS,
    shown.map((flow) => row(flow, page)),
    page,
  );
  const lines = shown.length === 0 ? [] : (rows ?? shown.flatMap((flow) => block(flow, page)));
  lines.push(...moreRows(shown.length, sorted.length, page));
  return joinSections([
    quiet ? [] : [...wrapWords(census(analysis), page.width).map(page.ink.bold), ...observationLines(analysis, page)],
    lines,
    quiet ? [] : caveatLines(analysis, shown, page, [...assumedNote(shown), ...unregisteredNote(page.names)]),
  ]);
}

/** `128 flows: 90 closed, 34 half-closed, 4 undecided.` */
function census({ totals }: Analysis): string {
  const counts = Object.entries(totals.byVerdict).filter(([, count]) => count > 0);
  const parts = counts.sort((a, b) => b[1] - a[1]).map(([verdict, count]) => `${formatCount(count)} ${verdict}`);
  if (totals.flows === 0) return "No flows.";
  return `${countOf(totals.flows, "flow")}: ${parts.join(", ")}.`;
}

function row(flow: Flow, page: Page): string[] {
  return [
    paintVerdict(flow.verdict, page),
    formatNamed(flow.client, page.names),
    `${formatNamed(flow.server, page.names)}${flow.roles === "guessed" ? " ?" : ""}`,
    state(flow, "client"),
    state(flow, "server"),
    flow.openedAt === null ? `≤ ${page.clock.millis(flow.firstAt)}` : page.clock.millis(flow.openedAt),
    duration(flow),
    pair(flow.segments),
    pair(flow.payloadBytes),
    flow.closer ?? "",
    notes(flow, page).join(", "),
  ];
}

function block(flow: Flow, page: Page): string[] {
  const roles = flow.roles === "guessed" ? " ?" : "";
  const verdict = padEnd(paintVerdict(flow.verdict, page), LONGEST_VERDICT);
  const parts = [
    `    ${state(flow, "client")} → ${state(flow, "server")}`,
    `${flow.openedAt === null ? "seen from" : "opened"} ${page.clock.millis(flow.openedAt ?? flow.firstAt)}`,
    duration(flow),
    `segments ${pair(flow.segments)}`,
    `bytes ${pair(flow.payloadBytes)}`,
    ...(flow.closer === null ? [] : [`closed by ${flow.closer}`]),
    ...notes(flow, page),
  ];
  const client = formatNamed(flow.client, page.names);
  const ends = [`${verdict}  ${client}`, `→ ${formatNamed(flow.server, page.names)}${roles}`];
  return [...foldParts(ends, " ", page.width, "    "), ...foldParts(parts, ", ", page.width, "    ")];
}

const LONGEST_VERDICT = "half-closed".length;

function paintVerdict(verdict: Verdict, page: Page): string {
  if (verdict === "half-closed") return page.ink.red(verdict);
  return verdict === "closed" ? page.ink.dim(verdict) : verdict;
}

function state(flow: Flow, side: Side): string {
  return `${flow.states[side]}${flow.assumed.includes(side) ? ASSUMED_MARK : ""}`;
}

function duration(flow: Flow): string {
  const seconds = secondsBetween(flow.firstAt, flow.lastAt);
  return seconds === null ? "?" : formatDuration(seconds);
}

function notes(flow: Flow, { detail }: Page): string[] {
  const reasons = flow.reasons.map(sanitize);
  return detail === "verbose" ? [...reasons, `flow ${sanitize(flow.id)}`] : reasons;
}

function pair(counts: { readonly client: number; readonly server: number }): string {
  return `${formatCount(counts.client)} / ${formatCount(counts.server)}`;
}

function assumedNote(flows: readonly Flow[]): string[] {
  return flows.some((flow) => flow.assumed.length > 0) ? [ASSUMED_LEGEND] : [];
}
