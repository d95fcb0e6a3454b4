import type { FlowOrder } from "./flow-order.ts";

/** How a text is to look; the analysis says what it says. */
export interface View {
  /** Columns of the terminal. */
  readonly width: number;
  readonly colour: boolean;
  /** IANA name of the zone in which times are printed. */
  readonly timeZone: string;
  /** Whether the terminal knows more than ASCII; it does unless said otherwise. */
  readonly unicode?: boolean;
  /** quiet: the answer and the rows; verbose: also what was skipped, and each capture. */
  readonly detail: "quiet" | "normal" | "verbose";
}

/** How the texts of `analyze` and `flows` are to look. */
export interface AnalysisView extends View {
  readonly flowCountMax: number;
  readonly holderCountMax: number;
  /** null: the order of the analysis for `flows`, the oldest half-close first for `analyze`. */
  readonly order: FlowOrder | null;
}

/** How the texts of `states` are to look. */
export interface StatesView extends View {
  readonly rowCountMax: number;
}
