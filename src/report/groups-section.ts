import type { Analysis, Group, Groups } from "../analysis/model.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { formatNamed } from "./endpoint-text.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows } from "./notes.ts";
import type { Page } from "./page.ts";
import { sanitize } from "./sanitize.ts";
import { foldParts } from "./text-width.ts";

const TITLES: Readonly<Record<Groups["by"], string>> = {
  holder: "By holder",
  peer: "By peer",
  service: "By service",
  subnet: "By network of the peer",
  hour: "By hour in which they began",
};

const COUNTS: readonly Column[] = [
  { head: "half-closed", align: "right" },
  { head: "share", align: "right" },
  { head: "stuck", align: "right" },
  { head: "draining", align: "right" },
  { head: "recent", align: "right" },
  { head: "ended", align: "right" },
  { head: "oldest since" },
  { head: "median age", align: "right" },
];

/** Half-closes counted by what they have in common, the most first. */
export function groupsSection({ groups: found }: Analysis, page: Page): string[] {
  if (found === undefined || found.groups.length === 0) return [];
  const { by, groups, leftOut } = found;
  const shown = groups.slice(0, page.flowCountMax);
  const columns = [{ head: by }, ...COUNTS];
  const rows = shown.map((group) => [keyText(group.key, by, page), ...cells(group, page)]);
  const table = renderGrid(columns, rows, { ...page, width: page.width - 2 });
  const lines =
    table?.map((line) => `  ${line}`) ??
    rows.flatMap(([key = "", ...values]) => {
      const named = values.flatMap((value, index) => (value === "" ? [] : [`${COUNTS[index]?.head} ${value}`]));
      return foldParts([`  ${key}`, ...named], ", ", page.width, "    ");
    });
  return [
    page.ink.bold(TITLES[by]),
    ...lines,
    ...moreRows(shown.length, groups.length, page, "  "),
    ...(leftOut > 0 ? [`  … and ${countOf(leftOut, "half-close")} of further groups`] : []),
  ];
}

function cells(group: Group, page: Page): string[] {
  const { halfClosed, share, stuck, draining, recent, ended, oldestSince, medianSeconds } = group;
  return [
    formatCount(halfClosed),
    halfClosed === 0 ? "" : `${Math.round(share * 1000) / 10} %`,
    stuck > 0 ? page.ink.red(formatCount(stuck)) : "0",
    formatCount(draining),
    formatCount(recent),
    formatCount(ended),
    oldestSince === null ? "" : page.clock.time(oldestSince),
    medianSeconds === null ? "" : `≥ ${formatDuration(medianSeconds)}`,
  ];
}

function keyText(key: string, by: Groups["by"], page: Page): string {
  if (by === "peer") return formatNamed({ ip: key, port: null }, page.names);
  if (by !== "service") return sanitize(key);
  const name = page.names.services[key];
  return name === undefined ? key : `${key} (${sanitize(name)})`;
}
