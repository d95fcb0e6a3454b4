import type { Analysis, Flow } from "../../src/analysis/model.ts";
import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { type ConversationOptions, conversation } from "../build/conversation.ts";

/** When the clock of the conversations shows zero. */
const EPOCH_SECONDS = Date.parse("2026-01-01T00:00:00Z") / 1000;

export interface Telling extends ConversationOptions {
  readonly analyze?: Partial<AnalyzeOptions>;
}

/** What the analysis says about a conversation: every flow of it. */
export async function analysisOf(text: string, { analyze, ...told }: Telling = {}): Promise<Analysis> {
  return analyzeCaptures([conversation(text, told).pcap({ resolution: "ns" })], { flows: "every", ...analyze });
}

/** The flows of a conversation, in order of their first segments, in a form that reads well in a table of expectations. */
export async function told(text: string, telling: Telling = {}): Promise<ToldFlow[]> {
  const { flows } = await analysisOf(text, telling);
  return flows.map(summary);
}

export interface ToldFlow {
  verdict: string;
  /** client/server */
  states: string;
  reasons: string;
  closer: string | null;
  holder: string | null;
  roles: string;
  status?: string;
  since?: number;
  seconds?: number;
  atLeast?: boolean;
  fin?: number;
  finAck?: number;
  copies?: number;
  bytesAfterFin?: number;
  end?: string;
}

function summary(flow: Flow): ToldFlow {
  const { halfClose } = flow;
  const marked = (side: "client" | "server") => flow.states[side] + (flow.assumed.includes(side) ? "?" : "");
  const short: ToldFlow = {
    verdict: flow.verdict,
    states: `${marked("client")} / ${marked("server")}`,
    reasons: flow.reasons.join(" "),
    closer: flow.closer,
    holder: flow.holder,
    roles: flow.roles,
  };
  if (halfClose === null) return short;
  const { end } = halfClose;
  return {
    ...short,
    status: halfClose.status,
    since: secondsOf(halfClose.since),
    seconds: halfClose.seconds,
    atLeast: halfClose.atLeast,
    fin: halfClose.fin.frame,
    finAck: halfClose.finAck.frame,
    copies: halfClose.fin.copies,
    bytesAfterFin: halfClose.bytesAfterFin,
    ...(end && { end: `${end.by} of ${end.sender} in ${end.frame}${end.cause === null ? "" : `: ${end.cause}`}` }),
  };
}

/** Seconds since the conversation's clock showed zero, to the microsecond. */
export function secondsOf(timestamp: string): number {
  const [whole = "", fraction = "0"] = timestamp.replace("Z", "").split(".");
  const seconds = Date.parse(`${whole}Z`) / 1000 - EPOCH_SECONDS;
  return Math.round((seconds + Number(`0.${fraction}`)) * 1e6) / 1e6;
}

/** Handshakes and other beginnings, so that a test starts where its story does. */
export const ESTABLISHED = `
  0.000  c > s  [S]
  0.001  s > c  [S.]
  0.002  c > s  [.]
  0.100  c > s  [P.]  length 100
  0.101  s > c  [P.]  length 200
  0.102  c > s  [.]
`;

/** The client closed at 1.000 (frame 7), the server's kernel acknowledged at 1.040 (frame 8). */
export const CLOSE_WAIT = `${ESTABLISHED}
  1.000  c > s  [F.]
  1.040  s > c  [.]
`;
