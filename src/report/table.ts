import type { Analysis } from "../analysis/model.ts";
import { caveatLines } from "./caveats.ts";
import { unregisteredNote } from "./endpoint-text.ts";
import { findingsSection } from "./findings-section.ts";
import { groupsSection } from "./groups-section.ts";
import { halfClosedSection, listedHalfCloses } from "./half-closed-section.ts";
import { headline } from "./headline.ts";
import { holdersSection } from "./holders-section.ts";
import { hostSection } from "./host-section.ts";
import { observationLines } from "./observation.ts";
import { createPage } from "./page.ts";
import { joinSections } from "./sections.ts";
import { wrapWords } from "./text-width.ts";
import type { AnalysisView } from "./view.ts";

/** `closewait analyze` for people: the answer, the patterns, who holds, the evidence, and what to keep in mind. */
export function renderTable(analysis: Analysis, view: AnalysisView): string {
  const page = createPage(analysis, view);
  const quiet = page.detail === "quiet";
  const answer = wrapWords(headline(analysis, page), page.width).map(page.ink.bold);
  const { shown } = listedHalfCloses(analysis, page);
  const sections = [
    [...answer, ...(quiet ? [] : observationLines(analysis, page))],
    findingsSection(analysis, page),
    holdersSection(analysis, page),
    groupsSection(analysis, page),
    hostSection(analysis, page),
    halfClosedSection(analysis, page),
    quiet ? [] : caveatLines(analysis, shown, page, unregisteredNote(page.names)),
  ];
  return joinSections(sections);
}
