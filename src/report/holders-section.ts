import type { Analysis, Holder } from "../analysis/model.ts";
import { durationText, measuredText } from "../diagnosis/words.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { formatNamed } from "./endpoint-text.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows } from "./notes.ts";
import type { Page } from "./page.ts";
import { sparkline } from "./sparkline.ts";
import { foldParts, wrapWords } from "./text-width.ts";

const PEERS_SHOWN_MAX = 4;
const GAUGE_COLUMNS = 12;
const GAUGE_COLUMNS_WIDE = 40;
const NEVER_CLOSED = "never seen to close";

const COLUMNS: readonly Column[] = [
  { head: "holder" },
  { head: "half-closed", align: "right" },
  { head: "stuck", align: "right" },
  { head: "of flows", align: "right" },
  { head: "oldest", align: "right" },
  { head: "median", align: "right" },
  { head: "per hour", align: "right" },
  { head: "over time" },
  { head: "normally closes after" },
  { head: "peers", wraps: true },
];

/** Who has sockets in CLOSE-WAIT, from which peers, and what the same endpoint normally takes to close. */
export function holdersSection(analysis: Analysis, page: Page): string[] {
  const holders = analysis.holders.filter((holder) => holder.halfClosed > 0);
  if (holders.length === 0) return [];
  const shown = holders.slice(0, page.holderCountMax);
  const table = renderGrid(
    COLUMNS,
    shown.map((holder) => row(holder, page)),
    { ...page, width: page.width - 2 },
  );
  const lines = [page.ink.bold("Holders: who has sockets in CLOSE-WAIT")];
  lines.push(
    ...(table === null
      ? shown.flatMap((holder) => block(holder, page))
      : [...table.map((line) => `  ${line}`), ...shown.flatMap((holder) => prospect(holder, page))]),
  );
  return [...lines, ...moreRows(shown.length, holders.length, page, "  ")];
}

function row(holder: Holder, page: Page): string[] {
  return [
    nameOf(holder, page),
    formatCount(holder.halfClosed),
    holder.stuck > 0 ? page.ink.red(formatCount(holder.stuck)) : "0",
    formatCount(holder.flows),
    `≥ ${formatDuration(holder.oldestSeconds)}`,
    `≥ ${formatDuration(holder.medianSeconds)}`,
    growth(holder) === "" ? "" : `${growth(holder)}${growthEnd(holder, page)}`,
    gaugeLine(holder, GAUGE_COLUMNS, page),
    normalClose(holder),
    peers(holder, page),
  ];
}

function block(holder: Holder, page: Page): string[] {
  const stuck = holder.stuck > 0 ? page.ink.red(`${formatCount(holder.stuck)} stuck`) : "none stuck";
  const count = `${formatCount(holder.halfClosed)} of ${formatCount(holder.flows)} flows half-closed (${stuck})`;
  const ages = [`oldest ≥ ${formatDuration(holder.oldestSeconds)}`, `median ≥ ${formatDuration(holder.medianSeconds)}`];
  const grows = growth(holder) === "" ? [] : [`${growth(holder)} per hour${growthEnd(holder, page)}`];
  const fold = (parts: string[]) => foldParts(parts, ", ", page.width, "      ");
  return [
    ...foldParts([`  ${nameOf(holder, page)}`, count], "  ", page.width, "    "),
    ...fold([`    ${ages[0]}`, ...ages.slice(1), ...grows]),
    ...(holder.halfClosed > 1 ? gaugeLines(holder, page) : []),
    ...exhaustion(holder, page).flatMap((text) => wrapWords(`    ${text}`, page.width, "      ")),
    ...wrapWords(`    peers ${peers(holder, page)}`, page.width, "      "),
    ...wrapWords(`    ${normally(holder)}${meanwhile(holder)}`, page.width, "      "),
  ];
}

/** Below the table, which has no room for it. */
function prospect(holder: Holder, page: Page): string[] {
  return exhaustion(holder, page).flatMap((text) =>
    wrapWords(`  ${nameOf(holder, page)}: ${text}`, page.width, "    "),
  );
}

function normally(holder: Holder): string {
  return wasSeenToClose(holder) ? `normally closes after ${normalClose(holder)}` : NEVER_CLOSED;
}

function meanwhile({ servedMeanwhile }: Holder): string {
  return servedMeanwhile === null ? "" : `; ${countOf(servedMeanwhile, "connection")} answered meanwhile`;
}

function gaugeLines(holder: Holder, page: Page): string[] {
  const { from, until, counts } = holder.gauge;
  const line = gaugeLine(holder, GAUGE_COLUMNS_WIDE, page);
  const most = `${formatCount(Math.max(0, ...counts))} at most`;
  const parts = [`    over time ${line}`, most, `${page.clock.time(from)} to ${page.clock.time(until)}`];
  return line === "" ? [] : foldParts(parts, ", ", page.width, "      ");
}

function gaugeLine({ gauge }: Holder, columns: number, { unicode }: Page): string {
  return gauge.counts.length < 3 ? "" : sparkline(gauge.counts, columns, unicode ?? true).trimEnd();
}

function exhaustion({ exhaustion: limits }: Holder, { clock }: Page): string[] {
  if (limits.length === 0) return [];
  const parts = limits.map(
    ({ descriptors, at }) => `${formatCount(descriptors)} at ${clock.time(at)} ${clock.zone(at)}`,
  );
  return [`at this rate descriptors are used up: ${parts.join(", ")}`];
}

function growthEnd({ growthUntil }: Holder, page: Page): string {
  return growthUntil === null ? "" : ` until ${page.clock.time(growthUntil)}`;
}

function nameOf(holder: Holder, { names }: Page): string {
  return `${formatNamed(holder.endpoint, names)} (${holder.role})`;
}

function growth(holder: Holder): string {
  const { growthPerHour, growthErrorPerHour } = holder;
  if (growthPerHour === null) return "";
  return `${growthPerHour > 0 ? "+" : ""}${measuredText(growthPerHour, growthErrorPerHour ?? 0)}`;
}

/** Almost every orderly close passes through CLOSE-WAIT; how long it takes here tells a slow close from a leak. */
function normalClose(holder: Holder): string {
  if (!wasSeenToClose(holder)) return NEVER_CLOSED;
  const median = durationText((holder.closedMedianSeconds ?? 0) * 1e9);
  const p99 = holder.closedP99Seconds === null ? "" : `p99 ${durationText(holder.closedP99Seconds * 1e9)}, `;
  return `${median} (${p99}${formatCount(holder.closedCount)} closed)`;
}

function wasSeenToClose(holder: Holder): boolean {
  return holder.closedMedianSeconds !== null && holder.closedCount > 0;
}

function peers(holder: Holder, { names }: Page): string {
  const shown = holder.peers.slice(0, PEERS_SHOWN_MAX).map((peer) => {
    const ip = formatNamed({ ip: peer.ip, port: null }, names);
    return `${ip} (${formatCount(peer.count)})`;
  });
  const hidden = holder.peers.length - shown.length;
  if (hidden > 0) shown.push(`${formatCount(hidden)} more`);
  return shown.join(", ");
}
