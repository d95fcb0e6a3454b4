import type { EndIndex } from "../tcp/conversation.ts";
import type { FlowHistory } from "../tcp/history.ts";
import { type HalfCloseSpan, halfCloseSpan, statusOf } from "./half-close-span.ts";
import type { HalfCloseStatus, Reason, Verdict } from "./model.ts";
import { judge } from "./verdict.ts";

/** What was concluded of one flow, before any of it is put into words: cheap enough for every flow of a large capture. */
export interface Conclusion {
  readonly history: FlowHistory;
  /** The end that opened the connection, or is taken to have. */
  readonly client: EndIndex;
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
  readonly span: HalfCloseSpan | null;
  readonly status: HalfCloseStatus | null;
  /** End of observation of this flow. */
  readonly observedUntil: number;
}

export function conclude(
  history: FlowHistory,
  client: EndIndex,
  observedUntil: number,
  minAgeSeconds: number,
  lossUntil = Number.NEGATIVE_INFINITY,
): Conclusion {
  const { verdict, reasons } = judge(history, observedUntil, lossUntil);
  const span = halfCloseSpan(history, observedUntil);
  const status = span && statusOf(history, span, observedUntil, minAgeSeconds);
  return { history, client, verdict, reasons, span, status, observedUntil };
}
