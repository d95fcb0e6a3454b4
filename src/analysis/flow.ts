import { type EndIndex, peerOf } from "../tcp/conversation.ts";
import type { EndHistory } from "../tcp/history.ts";
import { spanAt, type Timers, timelineOf } from "../tcp/timeline.ts";
import type { Clock } from "./clock.ts";
import type { Conclusion } from "./conclusion.ts";
import { flowName, idOf } from "./flow-name.ts";
import { evidenceOf, halfCloseOf } from "./half-close.ts";
import type { BySide, Endpoint, Flow, Side } from "./model.ts";

/** A flow in the words of the result. */
export function flowOf(conclusion: Conclusion, sameAs: string | null, clock: Clock, timers: Timers): Flow {
  const { history, client, verdict, reasons, span, status, observedUntil } = conclusion;
  const server = peerOf(client);
  const sideOf = (end: EndIndex): Side => (end === client ? "client" : "server");
  const bySide = <T>(of: (end: EndHistory) => T): BySide<T> => ({
    client: of(history.ends[client]),
    server: of(history.ends[server]),
  });

  const timeline = timelineOf(history, timers);
  const now = { client: spanAt(timeline[client], observedUntil), server: spanAt(timeline[server], observedUntil) };
  const { reset, closer } = history;
  const opened = history.fromStart ? (history.ends[client].syn ?? history.ends[server].syn) : null;
  return {
    id: idOf(flowName(history, client), clock),
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
    sameAs,
    states: { client: now.client.state, server: now.server.state },
    assumed: (["client", "server"] as const).filter((side) => now[side].assumed),
    verdict,
    reasons,
    closer: closer === null ? null : sideOf(closer),
    holder: span && sideOf(span.holder),
    halfClose: span && status && halfCloseOf(history, span, status, clock, sideOf),
    reset: reset && {
      ...evidenceOf(reset, clock),
      sender: sideOf(reset.sender),
      answers: reset.answers && evidenceOf(reset.answers, clock),
    },
  };
}

const endpointOf = ({ ip, port }: EndHistory): Endpoint => ({ ip, port });
