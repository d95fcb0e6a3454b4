import type { EndView, FlowView } from "./flow-view.ts";
import { numbersKey, type Pair } from "./matching.ts";
import { haveOtherEnds } from "./tally.ts";

/** Pairs that are kept to tell how the clocks differ and where the hosts are; of more every second one, every fourth, and so on. */
const WITNESS_COUNT_MAX = 20_000;

/**
 * Settles connections of B while they pass by. Nearly all were seen at A just so: they are counted and let go at once at both points, so
 * that two captures take little more memory than one.
 */
export class Settlement {
  readonly #waiting = new Map<string, FlowView>();
  readonly #others: FlowView[] = [];
  #witnesses: Pair[] = [];
  #stride = 1;
  count = 0;
  translated = 0;

  constructor(a: readonly FlowView[]) {
    for (const view of a) {
      const key = numbersKey(view);
      if (key === null || this.#waiting.has(key)) this.#others.push(view);
      else this.#waiting.set(key, view);
    }
  }

  /** Pairs that stand for all that were settled. */
  get witnesses(): readonly Pair[] {
    return this.#witnesses;
  }

  /** What is left of A, in the order of first records. */
  rest(): FlowView[] {
    return [...this.#waiting.values(), ...this.#others].sort((x, y) => x.order - y.order);
  }

  /** Whether A saw the same of this connection. */
  settle(b: FlowView): boolean {
    const key = numbersKey(b);
    const a = key === null ? undefined : this.#waiting.get(key);
    if (key === null || a === undefined || !isAlike(a, b)) return false;
    this.#waiting.delete(key);
    const isTranslated = haveOtherEnds(a.ends, b.ends);
    if (isTranslated) this.translated++;
    if (this.count++ % this.#stride === 0)
      this.#keep({ a, b, matchedBy: isTranslated ? "numbers" : "addresses-and-numbers" });
    return true;
  }

  #keep(pair: Pair): void {
    this.#witnesses.push(pair);
    if (this.#witnesses.length < WITNESS_COUNT_MAX) return;
    this.#witnesses = this.#witnesses.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }
}

function isAlike(a: FlowView, b: FlowView): boolean {
  return (
    a.verdict === b.verdict &&
    a.reset?.sender === b.reset?.sender &&
    isEndAlike(a, b, "client") &&
    isEndAlike(a, b, "server")
  );
}

/** A FIN that was sent again is looked at more closely: an acknowledgment may have been lost. */
function isEndAlike(a: FlowView, b: FlowView, side: "client" | "server"): boolean {
  const [mine, theirs] = [a.ends[side], b.ends[side]];
  if (mine.syn?.copies !== theirs.syn?.copies) return false;
  if (mine.fin === null || theirs.fin === null)
    return mine.fin === theirs.fin && mine.finInferred === theirs.finInferred;
  const peer = side === "client" ? "server" : "client";
  return (
    mine.fin.copies === 1 &&
    theirs.fin.copies === 1 &&
    acknowledgedBy(mine, a.ends[peer]) === acknowledgedBy(theirs, b.ends[peer])
  );
}

/** By nothing, by the peer's FIN, or by a segment before or after it. */
function acknowledgedBy({ fin }: EndView, peer: EndView): "nothing" | "FIN" | "other" {
  if (fin === null || fin.ack === null) return "nothing";
  return peer.fin !== null && fin.ack.frame === peer.fin.frame && fin.ack.capture === peer.fin.capture
    ? "FIN"
    : "other";
}
