import type { Analysis, HalfCloseStatus } from "../analysis/model.ts";
import { type HalfClosedFlow, isAgeUnknown, isHalfClosed, wasHalfClosed } from "./age.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { formatNamed, formatSide } from "./endpoint-text.ts";
import { flowNotes } from "./flow-notes.ts";
import { sortFlows } from "./flow-order.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows } from "./notes.ts";
import { formatFrame, formatFramePair, type Page } from "./page.ts";
import { foldParts, padEnd, textWidth } from "./text-width.ts";

const COLUMNS: readonly Column[] = [
  { head: "age", align: "right" },
  { head: "status" },
  { head: "holder (in CLOSE-WAIT)" },
  { head: "⇐ closer" },
  { head: "since" },
  { head: "FIN / ACK frame" },
  { head: "bytes after", align: "right" },
  { head: "last seen" },
  { head: "notes", wraps: true },
];

/** The flows that the text lists, in its order. */
export function listedHalfCloses(analysis: Analysis, page: Page): { shown: HalfClosedFlow[]; hidden: number } {
  const sorted = sortFlows(analysis.flows.filter(wasHalfClosed), page.order ?? "age");
  // Unless asked otherwise: what is still open is not to be hidden behind what has ended.
  const flows =
    page.order === null ? [...sorted.filter(isHalfClosed), ...sorted.filter((flow) => !isHalfClosed(flow))] : sorted;
  return { shown: flows.slice(0, page.flowCountMax), hidden: Math.max(0, flows.length - page.flowCountMax) };
}

/** Each half-close with its evidence: age, ends, frames of the FIN and of its acknowledgment, and what came after. */
export function halfClosedSection(analysis: Analysis, page: Page): string[] {
  const { shown, hidden } = listedHalfCloses(analysis, page);
  if (shown.length === 0) return [];
  const ages = shown.map((flow) => age(flow, analysis));
  const table = renderGrid(
    COLUMNS,
    shown.map((flow, index) => row(flow, ages[index] ?? "", page)),
    { ...page, width: page.width - 2 },
  );
  const [first] = shown;
  const zone = first === undefined ? "" : `, times in ${page.clock.zone(first.halfClose.since)}`;
  const lines = [page.ink.bold(`Flows: the evidence${zone}`)];
  lines.push(...(table?.map((line) => `  ${line}`) ?? blocks(shown, ages, page)));
  return [...lines, ...moreRows(shown.length, shown.length + hidden, page, "  ")];
}

function row(flow: HalfClosedFlow, age: string, page: Page): string[] {
  const { halfClose } = flow;
  return [
    age,
    paintStatus(halfClose.status, page),
    formatSide(flow, holderSide(flow), page.names),
    `⇐ ${formatNamed(flow[closerSide(flow)], page.names)}`,
    page.clock.millis(halfClose.since),
    formatFramePair(halfClose.fin, halfClose.finAck, page),
    formatCount(halfClose.bytesAfterFin),
    page.clock.time(halfClose.lastSignOfLifeAt),
    flowNotes(flow, page).join(", "),
  ];
}

/** Two lines for each flow, where a table would be too wide: what stands, and the evidence. */
function blocks(flows: readonly HalfClosedFlow[], ages: readonly string[], page: Page): string[] {
  const ageWidth = Math.max(...ages.map(textWidth));
  const statusWidth = Math.max(...flows.map((flow) => flow.halfClose.status.length));
  return flows.flatMap((flow, index) => {
    const { halfClose } = flow;
    const status = padEnd(paintStatus(halfClose.status, page), statusWidth);
    const holder = formatSide(flow, holderSide(flow), page.names);
    const standing = `  ${padEnd(ages[index] ?? "", ageWidth)}  ${status}  ${holder}`;
    const { fin, finAck } = halfClose;
    const evidence = [
      `    since ${page.clock.millis(halfClose.since)}`,
      `FIN ${formatFrame(fin, page)}`,
      `ACK ${fin.capture === finAck.capture ? finAck.frame : formatFrame(finAck, page)}`,
      `${countOf(halfClose.bytesAfterFin, "byte")} after`,
      `last seen ${page.clock.time(halfClose.lastSignOfLifeAt)}`,
      ...flowNotes(flow, page),
    ];
    return [
      ...foldParts([standing, `⇐ ${formatNamed(flow[closerSide(flow)], page.names)}`], " ", page.width, "      "),
      ...foldParts(evidence, ", ", page.width, "    "),
    ];
  });
}

function age(flow: HalfClosedFlow, analysis: Analysis): string {
  if (isAgeUnknown(flow, analysis.captures)) return "unknown";
  const { atLeast, seconds } = flow.halfClose;
  return `${atLeast ? "≥ " : ""}${formatDuration(seconds)}`;
}

function paintStatus(status: HalfCloseStatus, page: Page): string {
  if (status === "stuck") return page.ink.red(status);
  return status === "draining" ? page.ink.yellow(status) : page.ink.dim(status);
}

/** A half-close has a holder. */
function holderSide(flow: HalfClosedFlow): "client" | "server" {
  return flow.holder ?? (flow.closer === "server" ? "client" : "server");
}

function closerSide(flow: HalfClosedFlow): "client" | "server" {
  return holderSide(flow) === "server" ? "client" : "server";
}
