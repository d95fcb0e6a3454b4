import { peerOf } from "../tcp/conversation.ts";
import type { EndHistory, EndpointKey } from "../tcp/history.ts";
import { type Clock, NANOS_PER_SECOND, toSeconds } from "./clock.ts";
import { ClosingTimes } from "./closing-times.ts";
import type { Conclusion } from "./conclusion.ts";
import { type Growth, growthOf } from "./growth.ts";
import type { Exhaustion, Gauge, Holder, HolderPeer, Side } from "./model.ts";
import { MomentCounts } from "./moment-counts.ts";
import { survival } from "./survival.ts";

/** Endpoints whose normal closing time is kept; with more, the later ones have none. */
const BASELINE_COUNT_MAX = 100_000;

/** Half-closes that ended, of all endpoints, which the gauge over time still counts; and how long they lasted at least. */
const ENDED_SPAN_COUNT_MAX = 200_000;
const ENDED_SPAN_NANOS_MIN = 0.5e9;

/** Points of the gauge over time. */
const GAUGE_COUNT = 40;

/** What a process may open: the usual soft limit, and what a port number can tell apart. */
const DESCRIPTOR_LIMITS = [1024, 65_535];

/** Ten years: what is further away need not be said. */
const EXHAUSTION_SECONDS_MAX = 3.2e8;

interface Span {
  readonly since: number;
  /** Infinity while it is open. */
  readonly until: number;
}

interface HeldPeer {
  count: number;
  stuck: number;
  oldestSeconds: number;
}

interface Held {
  readonly ip: string;
  readonly port: number | null;
  readonly role: Side;
  readonly seconds: number[];
  readonly spans: Span[];
  stuck: number;
  readonly peers: Map<string, HeldPeer>;
}

interface Traffic {
  count: number;
  /** When each connection that a server answered was last answered. */
  readonly answered: MomentCounts | null;
}

/** What an endpoint does as a holder: the flows it still holds, and how long it took with those it closed. */
export class HolderCensus {
  readonly #held = new Map<EndpointKey, Held>();
  readonly #traffic = new Map<EndpointKey, Traffic>();
  readonly #closing = new Map<EndpointKey, ClosingTimes>();
  readonly #endedSpans = new Map<EndpointKey, Span[]>();
  #endedSpanCount = 0;

  add({ history, client, verdict, span, status }: Conclusion): void {
    const server = history.ends[peerOf(client)];
    this.#countFlow(holderKey(history.ends[client], "client"), null);
    this.#countFlow(holderKey(server, "server"), server);
    if (span === null) return;
    const holder = history.ends[span.holder];
    const role = span.holder === client ? "client" : "server";
    if (verdict === "half-closed") {
      const seconds = toSeconds(span.until - span.since);
      this.#hold(holder, history.ends[span.closer].ip, role, seconds, span.since, status === "stuck");
      return;
    }
    const key = holderKey(holder, role);
    if (span.endedBy === "fin") this.#noteClose(key, toSeconds(span.until - span.since));
    if (span.endedBy !== null && span.until - span.since >= ENDED_SPAN_NANOS_MIN) this.#noteEnded(key, span);
  }

  /** How long an endpoint (a client by its address alone) takes to close; null when it was never seen to. */
  closingTimes(holder: EndpointKey): ClosingTimes | null {
    return this.#closing.get(holder) ?? null;
  }

  #countFlow(key: EndpointKey, server: EndHistory | null): void {
    let traffic = this.#traffic.get(key);
    if (traffic === undefined) {
      if (this.#traffic.size >= BASELINE_COUNT_MAX) return;
      traffic = { count: 0, answered: server === null ? null : new MomentCounts() };
      this.#traffic.set(key, traffic);
    }
    traffic.count++;
    if (server !== null && server.lastPayloadAt !== null) traffic.answered?.add(server.lastPayloadAt);
  }

  #hold(holder: EndHistory, peerIp: string, role: Side, seconds: number, since: number, stuck: boolean): void {
    const key = holderKey(holder, role);
    const { ip, port } = holder;
    const held = this.#held.get(key) ?? {
      ip,
      port: role === "server" ? port : null,
      role,
      seconds: [],
      spans: [],
      stuck: 0,
      peers: new Map<string, HeldPeer>(),
    };
    this.#held.set(key, held);
    held.seconds.push(seconds);
    held.spans.push({ since, until: Number.POSITIVE_INFINITY });
    const peer = held.peers.get(peerIp) ?? { count: 0, stuck: 0, oldestSeconds: 0 };
    held.peers.set(peerIp, peer);
    peer.count++;
    peer.oldestSeconds = Math.max(peer.oldestSeconds, seconds);
    if (!stuck) return;
    held.stuck++;
    peer.stuck++;
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

  #noteEnded(key: EndpointKey, { since, until }: Span): void {
    if (this.#endedSpanCount >= ENDED_SPAN_COUNT_MAX) return;
    this.#endedSpanCount++;
    const spans = this.#endedSpans.get(key);
    if (spans === undefined) this.#endedSpans.set(key, [{ since, until }]);
    else spans.push({ since, until });
  }

  /** Most held first, then the oldest, then by address. `observedUntil`: relative, of all captures. */
  result(clock: Clock, observedUntil: number): Holder[] {
    return [...this.#held].map(([key, held]) => this.#holder(key, held, clock, observedUntil)).sort(byWeight);
  }

  #holder(key: EndpointKey, held: Held, clock: Clock, observedUntil: number): Holder {
    const seconds = Float64Array.from(held.seconds).sort();
    const closing = this.#closing.get(key);
    const spans = [...held.spans, ...(this.#endedSpans.get(key) ?? [])];
    const since = spans.reduce((first, span) => Math.min(first, span.since), Number.POSITIVE_INFINITY);
    const growth = growthOf(spans, observedUntil);
    const { medianSeconds, p95Seconds } = survival(closing?.steps() ?? [], seconds);
    const traffic = this.#traffic.get(key);
    const flows = traffic?.count ?? seconds.length;
    return {
      endpoint: { ip: held.ip, port: held.port },
      role: held.role,
      stuck: held.stuck,
      halfClosed: seconds.length,
      flows,
      share: seconds.length / flows,
      servedMeanwhile: traffic?.answered?.after(since) ?? null,
      peers: [...held.peers]
        .map(([ip, peer]) => ({ ip, ...peer }))
        .sort((a, b) => b.count - a.count || (a.ip < b.ip ? -1 : 1)) satisfies HolderPeer[],
      oldestSeconds: seconds.at(-1) ?? 0,
      medianSeconds: median(seconds),
      lastsMedianSeconds: medianSeconds,
      lastsP95Seconds: p95Seconds,
      growthPerHour: growth?.perHour ?? null,
      growthErrorPerHour: growth?.errorPerHour ?? null,
      growthUntil: growth === null || growth.until === null ? null : clock.timestamp(growth.until),
      exhaustion: exhaustionOf(growth, seconds.length, observedUntil, clock),
      gauge: gaugeOf(spans, observedUntil, clock),
      closedMedianSeconds: closing?.quantile(0.5) ?? null,
      closedP99Seconds: closing?.quantile(0.99) ?? null,
      closedCount: closing?.count ?? 0,
    };
  }
}

/** A server is known by address and port; a client has another port for every connection. */
const holderKey = (end: EndHistory, role: Side): EndpointKey => (role === "server" ? end.endpoint : end.ip);

/** When descriptors run out if it goes on like this; nothing if it does not grow, or no longer. */
export function exhaustionOf(growth: Growth | null, count: number, from: number, clock: Clock): Exhaustion[] {
  if (growth === null || growth.perHour <= 0 || growth.until !== null) return [];
  return DESCRIPTOR_LIMITS.flatMap((descriptors) => {
    const inSeconds = ((descriptors - count) / growth.perHour) * 3600;
    if (inSeconds <= 0 || inSeconds > EXHAUSTION_SECONDS_MAX) return [];
    return [{ descriptors, inSeconds, at: clock.timestamp(from + inSeconds * NANOS_PER_SECOND) }];
  });
}

/** How many were open at equally distant moments from the first on. */
function gaugeOf(spans: readonly Span[], observedUntil: number, clock: Clock): Gauge {
  const from = spans.reduce((first, { since }) => Math.min(first, since), observedUntil);
  const step = (observedUntil - from) / (GAUGE_COUNT - 1);
  if (step <= 0) return { from: clock.timestamp(from), until: clock.timestamp(observedUntil), counts: [spans.length] };
  const changes = new Array<number>(GAUGE_COUNT + 1).fill(0);
  const change = (at: number, by: number): void => {
    const point = Math.min(GAUGE_COUNT, Math.ceil((at - from) / step - 1e-9));
    changes[point] = (changes[point] ?? 0) + by;
  };
  for (const { since, until } of spans) {
    change(Math.min(since, observedUntil), 1);
    if (until <= observedUntil) change(until, -1);
  }
  let open = 0;
  const counts = changes.slice(0, GAUGE_COUNT).map((by) => {
    open += by;
    return open;
  });
  return { from: clock.timestamp(from), until: clock.timestamp(observedUntil), counts };
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
