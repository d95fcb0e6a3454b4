import type { FlowHistory } from "../tcp/history.ts";
import type { Fold } from "../transcript/fold.ts";

/** Takes the histories of flows as they end. */
export interface HistorySink {
  add(history: FlowHistory): void;
  /** Sees the transcripts on their way to the replay. */
  watch?(replay: Fold): Fold;
  /** Whether it matters how long TIME-WAIT of a closed flow lasted. Flows that closed are kept for 2 MSL then. */
  readonly needsTimeWait: boolean;
  /** Resolves when it can take more; undefined when it can. */
  ready?(): Promise<void> | undefined;
}
