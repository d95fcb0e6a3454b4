import type { EndIndex } from "../tcp/conversation.ts";
import type { EndHistory, FlowHistory } from "../tcp/history.ts";
import { spanAt, type Timers, timelineOf } from "../tcp/timeline.ts";
import type { Clock } from "./clock.ts";
import { evidenceOf, halfCloseOf } from "./half-close.ts";
import type { BySide, Endpoint, Flow, Side } from "./model.ts";
import { judge } from "./verdict.ts";

export interface FlowContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly minAgeSeconds: number;
  /** End of observation of this flow. */
  readonly observedUntil: number;
  /** The end taken for the client when no SYN was captured. */
  readonly guessedClient: EndIndex;
}

/** A history in the words of the result. */
export function flowOf(history: FlowHistory, context: FlowContext): Flow {
  const { clock, timers, observedUntil } = context;
  const client = history.opener ?? context.guessedClient;
  const server: EndIndex = client === 0 ? 1 : 0;
  const sideOf = (end: EndIndex): Side => (end === client ? "client" : "server");
  const bySide = <T>(of: (end: EndHistory) => T): BySide<T> => ({
    client: of(history.ends[client]),
    server: of(history.ends[server]),
  });

  const timeline = timelineOf(history, timers);
  const spans = { client: spanAt(timeline[client], observedUntil), server: spanAt(timeline[server], observedUntil) };
  const { verdict, reasons } = judge(history, observedUntil);
  const { reset, closer } = history;
  const opened = history.fromStart ? (history.ends[client].syn ?? history.ends[server].syn) : null;
  return {
    id: flowId(history, client, clock),
    client: endpointOf(history.ends[client]),
    server: endpointOf(history.ends[server]),
    roles: history.opener === null ? "guessed" : "handshake",
    openedAt: opened && clock.timestamp(opened.at),
    establishedAt: history.establishedAt === null ? null : clock.timestamp(history.establishedAt),
    firstAt: clock.timestamp(history.firstAt),
    lastAt: clock.timestamp(history.lastAt),
    segments: bySide((end) => end.segments),
    payloadBytes: bySide((end) => end.payloadBytes),
    retransmittedBytes: bySide((end) => Math.max(0, end.payloadBytes - end.rangeBytes)),
    captures: history.captures,
    sameAs: null,
    states: { client: spans.client.state, server: spans.server.state },
    assumed: (["client", "server"] as const).filter((side) => spans[side].assumed),
    verdict,
    reasons,
    closer: closer === null ? null : sideOf(closer),
    holder: closer === null ? null : sideOf(closer === 0 ? 1 : 0),
    halfClose: halfCloseOf(history, { clock, observedUntil, minAgeSeconds: context.minAgeSeconds, sideOf }),
    reset: reset && {
      ...evidenceOf(reset, clock),
      sender: sideOf(reset.sender),
      answers: reset.answers && evidenceOf(reset.answers, clock),
    },
  };
}

export function flowId(history: FlowHistory, client: EndIndex, clock: Clock): string {
  const [from, to] = [history.ends[client], history.ends[client === 0 ? 1 : 0]].map(endpointOf).map(endpointText);
  return `${from}-${to}@${clock.epochSeconds(history.firstAt)}`;
}

const endpointOf = ({ ip, port }: EndHistory): Endpoint => ({ ip, port });

const endpointText = ({ ip, port }: Endpoint): string => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);
