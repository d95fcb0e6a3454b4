import { DDSketch } from "@datadog/sketches-js";
import type { EndHistory } from "../tcp/history.ts";
import { toSeconds } from "./clock.ts";
import type { Conclusion } from "./conclusion.ts";
import type { Holder, Side } from "./model.ts";

/** Quantiles of durations are within 1 % of the truth, whatever their number. */
const RELATIVE_ACCURACY = 0.01;

/** Endpoints whose normal closing time is kept; with more, the later ones have none. */
const BASELINE_COUNT_MAX = 100_000;

interface Held {
  readonly ip: string;
  readonly port: number | null;
  readonly role: Side;
  readonly seconds: number[];
  stuck: number;
  readonly peers: Map<string, number>;
}

/** What an endpoint does as a holder: the flows it still holds, and how long it took with those it closed. */
export class HolderCensus {
  readonly #held = new Map<string, Held>();
  readonly #flows = new Map<string, number>();
  readonly #closing = new Map<string, DDSketch>();

  add({ history, client, verdict, span, status }: Conclusion): void {
    for (const end of history.ends) {
      const key = holderKey(end, end === history.ends[client] ? "client" : "server");
      const count = this.#flows.get(key) ?? 0;
      if (count > 0 || this.#flows.size < BASELINE_COUNT_MAX) this.#flows.set(key, count + 1);
    }
    if (span === null) return;
    const holder = history.ends[span.holder];
    const role = span.holder === client ? "client" : "server";
    const seconds = toSeconds(span.until - span.since);
    if (verdict === "half-closed") this.#hold(holder, history.ends[span.closer].ip, role, seconds, status === "stuck");
    else if (span.endedBy === "fin") this.#noteClose(holderKey(holder, role), seconds);
  }

  #hold(holder: EndHistory, peer: string, role: Side, seconds: number, stuck: boolean): void {
    const key = holderKey(holder, role);
    const { ip, port } = holder;
    const held = this.#held.get(key) ?? {
      ip,
      port: role === "server" ? port : null,
      role,
      seconds: [],
      stuck: 0,
      peers: new Map<string, number>(),
    };
    this.#held.set(key, held);
    held.seconds.push(seconds);
    if (stuck) held.stuck++;
    held.peers.set(peer, (held.peers.get(peer) ?? 0) + 1);
  }

  #noteClose(key: string, seconds: number): void {
    let sketch = this.#closing.get(key);
    if (sketch === undefined) {
      if (this.#closing.size >= BASELINE_COUNT_MAX) return;
      sketch = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
      this.#closing.set(key, sketch);
    }
    sketch.accept(seconds);
  }

  /** Most held first, then the oldest, then by address. */
  result(): Holder[] {
    return [...this.#held].map(([key, held]) => this.#holder(key, held)).sort(byWeight);
  }

  #holder(key: string, held: Held): Holder {
    const seconds = Float64Array.from(held.seconds).sort();
    const closing = this.#closing.get(key);
    return {
      endpoint: { ip: held.ip, port: held.port },
      role: held.role,
      stuck: held.stuck,
      halfClosed: seconds.length,
      flows: this.#flows.get(key) ?? seconds.length,
      peers: [...held.peers]
        .map(([ip, count]) => ({ ip, count }))
        .sort((a, b) => b.count - a.count || (a.ip < b.ip ? -1 : 1)),
      oldestSeconds: seconds.at(-1) ?? 0,
      medianSeconds: median(seconds),
      growthPerHour: null,
      closedMedianSeconds: closing?.getValueAtQuantile(0.5) ?? null,
      closedP99Seconds: closing?.getValueAtQuantile(0.99) ?? null,
      closedCount: closing?.count ?? 0,
    };
  }
}

/** A server is known by address and port; a client has another port for every connection. */
function holderKey({ ip, port }: EndHistory, role: Side): string {
  return role === "server" ? `server|${ip}|${port}` : `client|${ip}`;
}

function byWeight(a: Holder, b: Holder): number {
  return (
    b.halfClosed - a.halfClosed ||
    b.oldestSeconds - a.oldestSeconds ||
    (a.endpoint.ip < b.endpoint.ip ? -1 : a.endpoint.ip > b.endpoint.ip ? 1 : 0) ||
    (a.endpoint.port ?? 0) - (b.endpoint.port ?? 0)
  );
}

function median(sorted: Float64Array): number {
  const middle = sorted.length / 2;
  const [low, high] = [sorted.at(Math.ceil(middle) - 1), sorted.at(Math.floor(middle))];
  return low === undefined || high === undefined ? 0 : (low + high) / 2;
}
