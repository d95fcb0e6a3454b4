import { endpointText } from "../../src/analysis/flow-name.ts";
import { replayCaptures } from "../../src/pipeline.ts";
import type { EndHistory, FlowHistory } from "../../src/tcp/history.ts";
import { pathOf } from "../laws/recordings.ts";
import { type EndFacts, type Facts, noFacts, type TupleFacts, tupleOf } from "./facts.ts";

/** As the histories of the flows have it. */
export async function factsByReplay(name: string): Promise<Facts> {
  const histories: FlowHistory[] = [];
  await replayCaptures([pathOf(name)], {}, () => ({
    needsTimeWait: true,
    add: (history: FlowHistory) => void histories.push(history),
  }));
  const facts: Record<string, TupleFacts> = {};
  for (const history of histories.sort((a, b) => a.order - b.order)) enter(facts, history);
  return facts;
}

function enter(facts: Record<string, TupleFacts>, { order, ends, reset }: FlowHistory): void {
  const [a, b] = ends.map(({ ip, port }) => endpointText(ip, port)) as [string, string];
  facts[tupleOf(a, b)] ??= { streams: [], lastFrame: 0, ends: { [a]: noFacts(), [b]: noFacts() } };
  const tuple = facts[tupleOf(a, b)] as TupleFacts;
  tuple.streams.push(order);
  for (const [index, name] of [a, b].entries()) {
    const end = ends[index] as EndHistory;
    if (end.seen) tuple.lastFrame = Math.max(tuple.lastFrame, end.last.frame);
    enterEnd(tuple.ends[name] as EndFacts, end);
    if (reset?.sender === index) tuple.ends[name]?.resets.push(reset.frame);
  }
}

function enterEnd(facts: EndFacts, { segments, payloadBytes, syn, fin }: EndHistory): void {
  facts.segments += segments;
  facts.payloadBytes += payloadBytes;
  if (syn !== null) facts.syns.push({ frame: syn.frame, copies: syn.copies });
  if (fin !== null) facts.fins.push({ frame: fin.frame, copies: fin.copies, ackFrame: fin.ack?.frame ?? null });
}
