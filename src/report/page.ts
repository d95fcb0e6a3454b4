import { basename } from "node:path";
import pc from "picocolors";
import type { Analysis, CaptureReport, Evidence } from "../analysis/model.ts";
import { type Clock, createClock } from "./clock.ts";
import { sanitize } from "./sanitize.ts";
import type { View } from "./view.ts";

/** What every section of a text report needs: the view, made ready for one analysis. */
export interface Page extends View {
  readonly ink: ReturnType<typeof pc.createColors>;
  readonly clock: Clock;
  /** Shortest distinct name of each capture. */
  readonly captureNames: readonly string[];
  /** A frame number says nothing without the name of its capture. */
  readonly namesCaptures: boolean;
}

/** Prose is easier to read in lines of at most this many columns. */
export const PROSE_WIDTH_MAX = 120;

export function createPage(analysis: Analysis, view: View): Page {
  return {
    ...view,
    ink: pc.createColors(view.colour),
    clock: createClock(view.timeZone, observedUntil(analysis)),
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
