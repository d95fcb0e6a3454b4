import type { Endpoint, Flow } from "../analysis/model.ts";
import { secondsBetween } from "./time-span.ts";

type Comparison = (a: Flow, b: Flow) => number;

/** Orders in which flows can be listed: the largest first, texts and times ascending. Equal ones keep their order. */
export const FLOW_ORDERS = {
  age: descending((flow) => flow.halfClose?.seconds ?? -1),
  start: ascending((flow) => flow.firstAt),
  duration: descending((flow) => secondsBetween(flow.firstAt, flow.lastAt) ?? -1),
  bytes: descending((flow) => flow.payloadBytes.client + flow.payloadBytes.server),
  segments: descending((flow) => flow.segments.client + flow.segments.server),
  holder: ascending((flow) => endOf(flow, flow.holder)),
  closer: ascending((flow) => endOf(flow, flow.closer)),
  verdict: ascending((flow) => flow.verdict),
} as const satisfies Record<string, Comparison>;

export type FlowOrder = keyof typeof FLOW_ORDERS;

export function sortFlows<F extends Flow>(flows: readonly F[], order: FlowOrder): F[] {
  return flows.toSorted(FLOW_ORDERS[order]);
}

function ascending<K extends string | number>(key: (flow: Flow) => K): Comparison {
  return (a, b) => {
    const [first, second] = [key(a), key(b)];
    return first < second ? -1 : first > second ? 1 : 0;
  };
}

function descending(key: (flow: Flow) => number): Comparison {
  return (a, b) => key(b) - key(a);
}

/** Sorts by address, then by number of the port; flows without such an end come last. */
function endOf(flow: Flow, side: "client" | "server" | null): string {
  if (side === null) return "\uffff";
  const { ip, port }: Endpoint = flow[side];
  return `${ip} ${String(port).padStart(5, "0")}`;
}
