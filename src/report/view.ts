import type { FlowOrder } from "./flow-order.ts";

/** How the text is to look; the analysis says what it says. */
export interface View {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** IANA name of the zone in which times are printed. */
  readonly timeZone: string;
  /** quiet: the answer and the rows; verbose: also what was skipped, and each capture. */
  readonly detail: "quiet" | "normal" | "verbose";
  readonly flowCountMax: number;
  readonly holderCountMax: number;
  /** null: the order of the analysis for `flows`, the oldest half-close first for `analyze`. */
  readonly order: FlowOrder | null;
}
