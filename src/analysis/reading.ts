import type { CaptureSummary } from "../capture/capture.ts";
import type { SkipCounts } from "../wire/skip-reasons.ts";
import type { Clock } from "./clock.ts";
import type { Observation } from "./observation.ts";
import type { AnalyzeOptions } from "./options.ts";

/** One pass over the captures: what is known beforehand, and what is counted on the way. */
export interface Reading {
  readonly options: AnalyzeOptions;
  readonly clock: Clock;
  readonly observation: Observation;
  readonly captures: readonly CaptureSummary[];
  /** What the decoder counted so far. */
  readonly decoder: { readonly skipped: SkipCounts; readonly duplicates: number };
  /** TCP segments of each capture, duplicates not counted. */
  readonly segments: readonly number[];
}
