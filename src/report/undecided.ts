import type { Totals } from "../analysis/model.ts";
import { formatCount } from "./count.ts";

/** Why flows are undecided, to stand behind a word: ` (ack-not-captured 8, mid-stream 2)`; empty when no reason is known. */
export function undecidedReasons({ undecidedByReason }: Totals): string {
  const reasons = Object.entries(undecidedByReason).map(([reason, count]) => `${reason} ${formatCount(count)}`);
  return reasons.length === 0 ? "" : ` (${reasons.join(", ")})`;
}
