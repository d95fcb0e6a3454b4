import { basename } from "node:path";
import type { Analysis, CaptureReport, Evidence } from "../analysis/model.ts";
import { type Names, namesOf } from "./endpoint-text.ts";
import { createPaper, type Paper } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import type { AnalysisView } from "./view.ts";

/** What every section of a report on an analysis needs. */
export interface Page extends AnalysisView, Paper {
  /** Shortest distinct name of each capture. */
  readonly captureNames: readonly string[];
  /** A frame number says nothing without the name of its capture. */
  readonly namesCaptures: boolean;
  readonly names: Names;
}

export function createPage(analysis: Analysis, view: AnalysisView): Page {
  return {
    ...view,
    ...createPaper(view, observedUntil(analysis)),
    names: namesOf(analysis),
    namesCaptures: readCaptures(analysis).length > 1,
    captureNames: shortNames(analysis.captures.map((capture) => capture.path)),
  };
}

/** Without those that turned out to be no captures. */
export function readCaptures(analysis: Analysis): CaptureReport[] {
  return analysis.captures.filter((capture) => capture.format !== null);
}

export function observedUntil(analysis: Analysis): string | null {
  const ends = analysis.captures.flatMap((capture) => capture.observedUntil ?? capture.lastAt ?? []);
  return ends.sort().at(-1) ?? null;
}

/** `frame 7`, or `a.pcap frame 7` when there are several captures. Ungrouped digits, to be pasted into Wireshark. */
export function formatFrame(evidence: Pick<Evidence, "frame" | "capture">, page: Page, word = "frame "): string {
  const frame = `${word}${evidence.frame}`;
  return page.namesCaptures ? `${page.captureNames[evidence.capture] ?? "?"} ${frame}` : frame;
}

/** `7 / 8`, `a.pcap 7 / 8`, `a.pcap 7 / b.pcap 8`. */
export function formatFramePair(first: Evidence, second: Evidence, page: Page): string {
  const sameCapture = first.capture === second.capture;
  const tail = sameCapture ? `${second.frame}` : formatFrame(second, page, "");
  return `${formatFrame(first, page, "")} / ${tail}`;
}

function shortNames(paths: readonly string[]): string[] {
  const names = paths.map((path) => sanitize(basename(path)));
  return new Set(names).size === paths.length ? names : paths.map(sanitize);
}
