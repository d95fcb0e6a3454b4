import type { Endpoint, Flow } from "../analysis/model.ts";
import { secondsBetween } from "./time-span.ts";

type Comparison = (a: Flow, b: Flow) => number;

/** Orders in which flows can be listed; equal ones keep the order of the analysis. */
export const FLOW_ORDERS = {
  age: { about: "longest half-close first", compare: descending((flow) => flow.halfClose?.seconds ?? -1) },
  start: { about: "first segment first", compare: ascending((flow) => flow.firstAt) },
  duration: {
    about: "longest flow first",
    compare: descending((flow) => secondsBetween(flow.firstAt, flow.lastAt) ?? -1),
  },
  bytes: {
    about: "most payload first",
    compare: descending((flow) => flow.payloadBytes.client + flow.payloadBytes.server),
  },
  segments: {
    about: "most segments first",
    compare: descending((flow) => flow.segments.client + flow.segments.server),
  },
  holder: { about: "by holder", compare: ascending((flow) => endOf(flow, flow.holder)) },
  closer: { about: "by closer", compare: ascending((flow) => endOf(flow, flow.closer)) },
  verdict: { about: "by verdict", compare: ascending((flow) => flow.verdict) },
} as const satisfies Record<string, { readonly about: string; readonly compare: Comparison }>;

export type FlowOrder = keyof typeof FLOW_ORDERS;

export function sortFlows<F extends Flow>(flows: readonly F[], order: FlowOrder): F[] {
  return flows.toSorted(FLOW_ORDERS[order].compare);
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
