import type { Endpoint, Side } from "../analysis/model.ts";
import type { FlowView } from "./flow-view.ts";
import { otherPoint } from "./losses.ts";
import type { CompareTotals, Discrepancy, LossTotal, PointName } from "./model.ts";

type Counting<T> = { -readonly [Field in keyof T]: T[Field] };

/** Counts connections and discrepancies, so that those in which nothing differs need not be kept. */
export class Tally {
  readonly totals: Counting<CompareTotals> = {
    both: 0,
    translated: 0,
    onlyA: 0,
    onlyB: 0,
    outside: 0,
    withDiscrepancy: 0,
    verdictsDiffer: 0,
  };
  readonly #losses = new Map<string, Counting<LossTotal>>();

  /** @param settled connections that both points saw alike */
  constructor(settled: { readonly count: number; readonly translated: number }) {
    this.totals.both = settled.count;
    this.totals.translated = settled.translated;
  }

  addPair(a: FlowView, b: FlowView, clientAt: PointName | null, found: readonly Discrepancy[]): void {
    const { totals } = this;
    totals.both++;
    if (haveOtherEnds(a.ends, b.ends)) totals.translated++;
    if (found.length > 0) totals.withDiscrepancy++;
    if (a.verdict !== b.verdict) totals.verdictsDiffer++;
    this.#addAll(found, clientAt);
  }

  addAlone(point: PointName, outside: boolean, clientAt: PointName | null, found: readonly Discrepancy[]): void {
    if (outside) this.totals.outside++;
    else if (point === "a") this.totals.onlyA++;
    else this.totals.onlyB++;
    this.#addAll(found, clientAt);
  }

  /** Most connections first. */
  losses(): LossTotal[] {
    return [...this.#losses]
      .sort(([keyA, a], [keyB, b]) => b.connections - a.connections || (keyA < keyB ? -1 : 1))
      .map(([, total]) => total);
  }

  #addAll(found: readonly Discrepancy[], clientAt: PointName | null): void {
    for (const { segment, sender, fate, seenAt, copies, arrivedLater } of found) {
      const from = clientAt === null ? seenAt : sender === "client" ? clientAt : otherPoint(clientAt);
      const key = `${segment} ${sender} ${fate} ${from}`;
      const total = this.#losses.get(key) ?? { segment, sender, fate, from, connections: 0, segments: 0, never: 0 };
      this.#losses.set(key, total);
      total.connections++;
      total.segments += Math.abs(copies.a - copies.b);
      if (!arrivedLater) total.never++;
    }
  }
}

type Ends = Readonly<Record<Side, Endpoint>>;

/** Address translation on the way. */
export function haveOtherEnds(a: Ends, b: Ends): boolean {
  const differ = (side: Side) => a[side].ip !== b[side].ip || a[side].port !== b[side].port;
  return differ("client") || differ("server");
}
