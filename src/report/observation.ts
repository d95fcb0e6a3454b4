import type { Analysis, CaptureReport } from "../analysis/model.ts";
import { annotationLines } from "./annotations.ts";
import { countOf, formatCount } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { observedUntil, type Page, readCaptures } from "./page.ts";
import { sanitize } from "./sanitize.ts";
import { glue, wrapWords } from "./text-width.ts";
import { secondsBetween } from "./time-span.ts";

const CAPTURES_NAMED_MAX = 3;

/** What was looked at: files, period, packets, flows. With details also each capture and what was skipped. */
export function observationLines(analysis: Analysis, page: Page): string[] {
  const { captures, totals } = analysis;
  const read = readCaptures(analysis);
  const names = page.captureNames.filter((_, index) => captures[index]?.format !== null);
  const name = read.length <= CAPTURES_NAMED_MAX ? names.join(", ") : countOf(read.length, "capture");
  const parts = [period(analysis, page), countOf(totals.packets, "packet")];
  parts.push(`${countOf(totals.tcpSegments, "TCP segment")}`, countOf(totals.flows, "flow"));
  // Of a compressed file that ends before its first octet nothing was read.
  const what = name === "" ? "" : `${name}: `;
  const lines = wrapWords(`${what}${parts.filter((part) => part !== "").join(", ")}.`, page.width);
  if (page.detail !== "verbose") return lines;
  const perCapture = captures.flatMap((capture, number) => [
    ...captureLines(capture, page),
    ...annotationLines(capture, number, analysis.flows, page),
  ]);
  return [...lines, ...perCapture, ...skippedLines(analysis, page)];
}

function period(analysis: Analysis, page: Page): string {
  const until = observedUntil(analysis);
  const from = analysis.captures
    .flatMap((capture) => capture.firstAt ?? [])
    .sort()
    .at(0);
  if (from === undefined || until === null) return "";
  const seconds = secondsBetween(from, until);
  const length = seconds === null ? "" : ` (${glue(formatDuration(seconds))})`;
  return `${page.clock.dateTime(from)} to ${page.clock.time(until)} ${page.clock.zone(until)}${length}`;
}

function captureLines(capture: CaptureReport, page: Page): string[] {
  const kind = [capture.format ?? "unread", capture.compression ?? "", capture.linkTypes.join(" + ")];
  const parts = [
    kind
      .filter((word) => word !== "")
      .map(sanitize)
      .join(", "),
    countOf(capture.packets, "packet"),
    countOf(capture.tcpSegments, "TCP segment"),
    capture.dropped === null ? "drops not recorded" : `${formatCount(capture.dropped)} dropped`,
  ];
  if (capture.firstAt !== null && capture.lastAt !== null) {
    parts.push(`${page.clock.millis(capture.firstAt)} to ${page.clock.millis(capture.lastAt)}`);
  }
  if (capture.observedUntil !== null && capture.observedUntil !== capture.lastAt) {
    parts.push(`observed until ${page.clock.millis(capture.observedUntil)}`);
  }
  return wrapWords(`  ${sanitize(capture.path)}: ${parts.join(", ")}`, page.width, "    ");
}

function skippedLines({ totals }: Analysis, page: Page): string[] {
  const reasons = Object.entries(totals.skipped).filter(([, count]) => count > 0);
  const parts = reasons
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => `${sanitize(reason)} ${formatCount(count)}`);
  if (totals.duplicates > 0) parts.push(`duplicates ${formatCount(totals.duplicates)}`);
  if (parts.length === 0) return ["  Skipped: nothing."];
  return wrapWords(`  Skipped: ${parts.join(", ")}.`, page.width, "    ");
}
