import type { Analysis, Flow } from "../analysis/model.ts";
import { halfClosedFlows, isAgeUnknown } from "./age.ts";
import { countOf } from "./count.ts";
import { REASON_MEANINGS } from "./flow-notes.ts";
import type { Page } from "./page.ts";
import { PROSE_WIDTH_MAX } from "./paper.ts";
import { sanitize } from "./sanitize.ts";
import { showHint } from "./show-hint.ts";
import { wrapWords } from "./text-width.ts";
import { warnings } from "./warnings.ts";

/** What a reader must know before acting on the rows: limits of the method, of this capture, and the words used. */
export function caveatLines(analysis: Analysis, listed: readonly Flow[], page: Page, more: string[] = []): string[] {
  const width = Math.min(page.width, PROSE_WIDTH_MAX);
  const problems = warnings(analysis.captures).map((text) => ({ text, paint: page.ink.yellow }));
  const limits = [
    invisible(analysis, page),
    ...undecided(analysis),
    ...unknownAges(analysis),
    ...more,
    ...words(listed),
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

function undecided({ totals, flows }: Analysis): string[] {
  if (totals.undecided === 0) return [];
  const counts = new Map<string, number>();
  for (const flow of flows) {
    if (flow.verdict !== "undecided") continue;
    for (const reason of flow.reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  const reasons = [...counts].map(([reason, count]) => `${sanitize(reason)} ${count}`).join(", ");
  const subject = totals.undecided === 1 ? "1 flow is undecided" : `${countOf(totals.undecided, "flow")} are undecided`;
  return [reasons === "" ? `${subject}: \`closewait flows --sort verdict\` lists them.` : `${subject} (${reasons}).`];
}

function unknownAges(analysis: Analysis): string[] {
  const count = halfClosedFlows(analysis).filter((flow) => isAgeUnknown(flow, analysis.captures)).length;
  if (count === 0) return [];
  return ["Age unknown: no packet was captured after the FIN's ACK; if the capture ran longer, say so with --until T."];
}

function words(listed: readonly Flow[]): string[] {
  const meanings = [...new Set(listed.flatMap((flow) => flow.reasons))].map(
    (reason) => `${sanitize(reason)}: ${REASON_MEANINGS[reason] ?? "see the documentation"}.`,
  );
  const guessed = listed.some((flow) => flow.roles === "guessed");
  return guessed ? ["Roles with a question mark are guessed: no handshake was captured.", ...meanings] : meanings;
}
