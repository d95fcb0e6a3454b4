import pc from "picocolors";
import type { Timestamp } from "../analysis/model.ts";
import { type Clock, createClock } from "./clock.ts";
import type { View } from "./view.ts";

/** What every text report is written on: the view, with its colours and its clock ready for use. */
export interface Paper extends View {
  readonly ink: ReturnType<typeof pc.createColors>;
  readonly clock: Clock;
}

/** Prose is easier to read in lines of at most this many columns. */
export const PROSE_WIDTH_MAX = 120;

/** @param referenceDay any moment of the day whose date goes without saying */
export function createPaper(view: View, referenceDay: Timestamp | null): Paper {
  return { ...view, ink: pc.createColors(view.colour), clock: createClock(view.timeZone, referenceDay) };
}
