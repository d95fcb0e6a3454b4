import type { Analysis, Flow, Reason } from "../analysis/model.ts";
import { halfClosedFlows, isAgeUnknown } from "./age.ts";
import { countOf } from "./count.ts";
import { REASON_MEANINGS } from "./flow-notes.ts";
import type { Page } from "./page.ts";
import { PROSE_WIDTH_MAX } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { showHint } from "./show-hint.ts";
import { wrapWords } from "./text-width.ts";
import { undecidedReasons } from "./undecided.ts";
import { warnings } from "./warnings.ts";

/** What a reader must know before acting on the rows: limits of the method, of this capture, and the words used. */
export function caveatLines(analysis: Analysis, listed: readonly Flow[], page: Page, more: string[] = []): string[] {
  const width = Math.min(page.width, PROSE_WIDTH_MAX);
  const problems = warnings(analysis.captures).map((text) => ({ text, paint: page.ink.yellow }));
  const limits = [
    invisible(analysis, page),
    ...undecided(analysis, listed),
    ...unknownAges(analysis),
    ...more,
    ...words(analysis, listed),
    ...showHint(analysis, listed),
  ];
  const notes = [...problems, ...limits.map((text) => ({ text, paint: (line: string) => line }))];
  return [
    page.ink.bold("Keep in mind"),
    ...notes.flatMap(({ text, paint }) => wrapWords(`  - ${text}`, width, "    ").map(paint)),
  ];
}

function invisible(analysis: Analysis, page: Page): string {
  const starts = analysis.captures.flatMap((capture) => capture.firstAt ?? []).sort();
  const [start] = starts;
  const when = start === undefined ? "" : ` (${page.clock.time(start)} ${page.clock.zone(start)})`;
  return `Half-closes that began before the capture${when} and sent nothing in it are invisible.`;
}

function undecided({ totals }: Analysis, listed: readonly Flow[]): string[] {
  if (totals.undecided === 0) return [];
  const subject = totals.undecided === 1 ? "1 flow is undecided" : `${countOf(totals.undecided, "flow")} are undecided`;
  const where = `: \`closewait flows --sort verdict\` lists ${totals.undecided === 1 ? "it" : "them"}`;
  const isListed = listed.some(({ verdict }) => verdict === "undecided");
  return [`${subject}${undecidedReasons(totals)}${isListed ? "" : where}.`];
}

function unknownAges(analysis: Analysis): string[] {
  const count = halfClosedFlows(analysis).filter((flow) => isAgeUnknown(flow, analysis.captures)).length;
  if (count === 0) return [];
  return ["Age unknown: no packet was captured after the FIN's ACK; if the capture ran longer, say so with --until T."];
}

function words({ totals }: Analysis, listed: readonly Flow[]): string[] {
  const unlisted = Object.keys(totals.undecidedByReason) as Reason[];
  const meanings = [...new Set([...unlisted, ...listed.flatMap((flow) => flow.reasons)])].map(
    (reason) => `${sanitize(reason)}: ${REASON_MEANINGS[reason] ?? "see the documentation"}.`,
  );
  const guessed = listed.some((flow) => flow.roles === "guessed");
  return guessed ? ["Roles with a question mark are guessed: no handshake was captured.", ...meanings] : meanings;
}
