import { peerOf } from "../tcp/conversation.ts";
import type { EndHistory, EndpointKey } from "../tcp/history.ts";
import { toSeconds } from "./clock.ts";
import { ClosingTimes } from "./closing-times.ts";
import type { Conclusion } from "./conclusion.ts";
import type { Holder, Side } from "./model.ts";

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
  readonly #held = new Map<EndpointKey, Held>();
  readonly #flows = new Map<EndpointKey, { count: number }>();
  readonly #closing = new Map<EndpointKey, ClosingTimes>();

  add({ history, client, verdict, span, status }: Conclusion): void {
    this.#countFlow(holderKey(history.ends[client], "client"));
    this.#countFlow(holderKey(history.ends[peerOf(client)], "server"));
    if (span === null) return;
    const holder = history.ends[span.holder];
    const role = span.holder === client ? "client" : "server";
    const seconds = toSeconds(span.until - span.since);
    if (verdict === "half-closed") this.#hold(holder, history.ends[span.closer].ip, role, seconds, status === "stuck");
    else if (span.endedBy === "fin") this.#noteClose(holderKey(holder, role), seconds);
  }

  #countFlow(key: EndpointKey): void {
    const flows = this.#flows.get(key);
    if (flows !== undefined) flows.count++;
    else if (this.#flows.size < BASELINE_COUNT_MAX) this.#flows.set(key, { count: 1 });
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

  #noteClose(key: EndpointKey, seconds: number): void {
    let times = this.#closing.get(key);
    if (times === undefined) {
      if (this.#closing.size >= BASELINE_COUNT_MAX) return;
      times = new ClosingTimes();
      this.#closing.set(key, times);
    }
    times.add(seconds);
  }

  /** Most held first, then the oldest, then by address. */
  result(): Holder[] {
    return [...this.#held].map(([key, held]) => this.#holder(key, held)).sort(byWeight);
  }

  #holder(key: EndpointKey, held: Held): Holder {
    const seconds = Float64Array.from(held.seconds).sort();
    const closing = this.#closing.get(key)?.sketch();
    return {
      endpoint: { ip: held.ip, port: held.port },
      role: held.role,
      stuck: held.stuck,
      halfClosed: seconds.length,
      flows: this.#flows.get(key)?.count ?? seconds.length,
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
const holderKey = (end: EndHistory, role: Side): EndpointKey => (role === "server" ? end.endpoint : end.ip);

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
