import type { Conclusion } from "../analysis/conclusion.ts";
import { flowName } from "../analysis/flow-name.ts";
import { peerOf } from "../tcp/conversation.ts";
import type { EndHistory, EndpointKey, FlowHistory, Sighting } from "../tcp/history.ts";
import type { HalfCloseCase, TroubleCase } from "./case.ts";
import { halfCloseCase } from "./half-close-case.ts";
import { Moments } from "./moments.ts";
import { type RefusalManner, Refusals } from "./refusals.ts";
import { Caller, type OpenConnection, Service } from "./service.ts";
import { troubleCase } from "./trouble-case.ts";

/** Services, and client addresses at them, of which something is known; flows of further ones are counted as left out. */
const SERVICE_COUNT_MAX = 100_000;
const CALLER_COUNT_MAX = 300_000;

/** Flows that something is to be said about, of each sort. */
const CASE_COUNT_MAX = 100_000;

/** Connections that are open at the end, of all callers. */
const OPEN_COUNT_MAX = 500_000;

/** Connections whose beginning and end is kept, of all callers. */
const SESSION_COUNT_MAX = 250_000;

/** A server that closes within so long (and a round trip) of the handshake, without an answer, did not want the connection. */
const REFUSED_WITHIN_NANOS = 0.5e9;

/** A server says in so few octets that it is full. */
const REFUSAL_OCTETS_MAX = 512;

/** Short answers behind which the server closed, of all callers: most are answers. As many again behind which it reset. */
const TALKATIVE_COUNT_MAX = 10_000;

/** A server that writes and closes does both in one go; a busy host comes in between. */
const RESET_BEHIND_NANOS = 0.05e9;

/** A half-close of this part of `--min-age` is worth keeping when it has ended: nearly all take a thousandth of that. */
const LASTING_SHARE = 0.5;

/** Connections closed after so long without payload were not closed because they were done. */
const IDLE_CLOSE_NANOS = 1e9;

/** What was collected. */
export interface Evidence {
  readonly services: readonly Service[];
  readonly halfCloses: readonly HalfCloseCase[];
  readonly troubles: readonly TroubleCase[];
  /** Flows that did not fit into memory. */
  readonly leftOut: number;
}

/**
 * Collects what a diagnosis needs of every flow, in bounded memory: sums for each service and each of its client addresses, and a case for
 * each flow that something is to be said about. A flow that was answered and closed in order costs two look-ups and a few additions.
 */
export class Casebook {
  readonly #lastingNanos: number;
  readonly #services = new Map<EndpointKey, Service>();
  readonly #halfCloses: HalfCloseCase[] = [];
  readonly #troubles: TroubleCase[] = [];
  #callerCount = 0;
  #openCount = 0;
  #sessionCount = 0;
  #talkativeCount = 0;
  #unreadCount = 0;
  #leftOut = 0;

  constructor(minAgeSeconds: number) {
    this.#lastingNanos = LASTING_SHARE * minAgeSeconds * 1e9;
  }

  /** Looks at the history during the call only. */
  add(conclusion: Conclusion): void {
    const { history, client, span, verdict } = conclusion;
    if (history.toItself) return;
    const [from, to] = [history.ends[client], history.ends[peerOf(client)]];
    const service = this.#service(to);
    const caller = service && this.#caller(service, from.ip);
    if (service === null || caller === null) {
      this.#leftOut++;
      return;
    }
    const openedAt = history.establishedAt ?? history.firstAt;
    noteTraffic(service, caller, conclusion);
    const manner = mannerOf(history, from, to);
    if (manner !== "none") this.#noteRefusal(caller, conclusion, manner);
    else if (history.establishedAt !== null || !history.fromStart) this.#noteSession(caller, history, openedAt);
    if (verdict === "established") this.#noteOpen(caller, from, to, history.fromStart ? openedAt : -Infinity);
    if (verdict === "closed" || span?.endedBy === "fin") noteClose(service, caller, history, client === 0 ? 0 : 1);
    if (isProbe(conclusion, from, to)) {
      caller.probes ??= new Moments();
      caller.probes.add(openedAt);
    }
    if (span !== null && (verdict === "half-closed" || this.#lasted(conclusion))) {
      if (this.#halfCloses.length < CASE_COUNT_MAX) this.#halfCloses.push(halfCloseCase(conclusion, service, caller));
      else this.#leftOut++;
    }
    const trouble = troubleCase(conclusion, service, caller);
    if (trouble === null) return;
    if (this.#troubles.length < CASE_COUNT_MAX) this.#troubles.push(trouble);
    else this.#leftOut++;
  }

  /** In the order of the flows' first segments. */
  evidence(): Evidence {
    for (const { callers } of this.#services.values()) for (const { refusals } of callers.values()) refusals?.settle();
    return {
      services: [...this.#services.values()],
      halfCloses: this.#halfCloses.sort((a, b) => a.order - b.order),
      troubles: this.#troubles.sort((a, b) => a.order - b.order),
      leftOut: this.#leftOut,
    };
  }

  #service(server: EndHistory): Service | null {
    let service = this.#services.get(server.endpoint);
    if (service === undefined) {
      if (this.#services.size >= SERVICE_COUNT_MAX) return null;
      service = new Service(server.ip, server.port, server.endpoint);
      this.#services.set(server.endpoint, service);
    }
    return service;
  }

  #caller(service: Service, ip: string): Caller | null {
    let caller = service.callers.get(ip);
    if (caller === undefined) {
      if (this.#callerCount >= CALLER_COUNT_MAX) return null;
      this.#callerCount++;
      caller = new Caller(ip);
      service.callers.set(ip, caller);
    }
    return caller;
  }

  #lasted({ span }: Conclusion): boolean {
    return span !== null && span.endedBy !== null && span.until - span.since >= this.#lastingNanos;
  }

  #noteRefusal(caller: Caller, { history, client, span }: Conclusion, manner: RefusalManner): void {
    const server = history.ends[peerOf(client)];
    const close: Sighting | null = server.fin ?? history.reset;
    if (close === null || !this.#hasRoomFor(manner, server.payloadBytes, caller.refusals)) return;
    const { at, capture, frame } = close;
    const isOrderly = server.fin !== null && (span === null || span.endedBy !== "reset");
    caller.refusals ??= new Refusals();
    caller.refusals.note(
      { name: flowName(history, client), at, close: { at, capture, frame }, octets: server.payloadBytes, isOrderly },
      manner,
    );
  }

  /** What may be an answer is remembered within bounds. */
  #hasRoomFor(manner: RefusalManner, octets: number, refusals: Refusals | null): boolean {
    if (manner === "silent" || refusals?.hasSaid(octets) === true) return true;
    if (refusals?.isFull(manner) === true) return false;
    if (manner === "unread") return this.#unreadCount++ < TALKATIVE_COUNT_MAX;
    return this.#talkativeCount++ < TALKATIVE_COUNT_MAX;
  }

  /** One that stood before the capture began stood at its beginning. */
  #noteSession({ sessions }: Caller, { ends: [a, b], reset, fromStart }: FlowHistory, openedAt: number): void {
    if (!sessions.isFull) {
      if (this.#sessionCount >= SESSION_COUNT_MAX) return;
      this.#sessionCount++;
    }
    sessions.add(
      fromStart ? openedAt : -Infinity,
      Math.min(a.fin?.at ?? Infinity, b.fin?.at ?? Infinity, reset?.at ?? Infinity),
    );
  }

  #noteOpen(caller: Caller, from: EndHistory, to: EndHistory, openedAt: number): void {
    caller.openCount++;
    if (this.#openCount >= OPEN_COUNT_MAX) return;
    this.#openCount++;
    caller.open.push(openConnection(from, to, openedAt));
  }
}

function openConnection(from: EndHistory, to: EndHistory, openedAt: number): OpenConnection {
  const usedAt = Math.max(from.lastPayloadAt ?? -Infinity, to.lastPayloadAt ?? -Infinity);
  return { openedAt, usedAt, asks: from.unanswered !== null, segments: from.segments };
}

/** What stood before the capture began was opened before all that was opened in it, whenever it was first heard of. */
function noteTraffic(service: Service, caller: Caller, { history, client }: Conclusion): void {
  const [from, to] = [history.ends[client], history.ends[peerOf(client)]];
  const openedAt = history.establishedAt ?? history.firstAt;
  service.flows++;
  caller.flows++;
  if (to.lastPayloadAt !== null) {
    // Whenever it was opened, nothing of it was answered in the capture before it was first heard of.
    service.answeredOpened.add(openedAt);
    service.answeredLast.add(to.lastPayloadAt);
  }
  if (history.fromStart && (to.lastPayloadAt !== null || to.fin !== null)) service.touchedOpened.add(openedAt);
  if (to.seen && to.last.at > service.lastHeardAt) service.lastHeardAt = to.last.at;
  if (from.seen && from.last.at > caller.lastHeardAt) caller.lastHeardAt = from.last.at;
  if (openedAt > caller.lastOpenedAt) caller.lastOpenedAt = openedAt;
}

/**
 * The server closed first, at once. What it may say before is no answer if the client had not asked. If it had, that is only known beside
 * other refusals with the same few octets: a client that asks at once is told as well that the server is full. A server that did not even
 * read the question resets the connection right behind its words (RFC 9293, section 3.6.1: data that close() finds unread is told by RST).
 */
function mannerOf(
  { firstAt, establishedAt, closer, reset, ends }: FlowHistory,
  from: EndHistory,
  to: EndHistory,
): RefusalManner | "none" {
  if (establishedAt === null || to.payloadBytes > REFUSAL_OCTETS_MAX || to.hasGaps) return "none";
  const byServer = closer === null ? reset !== null && ends[reset.sender] === to : ends[closer] === to;
  const closedAt = to.fin?.at ?? reset?.at;
  if (!byServer || closedAt === undefined) return "none";
  const roundTripNanos = establishedAt - firstAt;
  if (closedAt - establishedAt > REFUSED_WITHIN_NANOS + roundTripNanos) return "none";
  const asked = from.lastPayloadAt !== null && from.lastPayloadAt < closedAt;
  if (to.payloadBytes === 0 || !asked) return "silent";
  // Without ACK a RST comes from no socket: it answers a segment, and says nothing of what was read.
  const isAbort = closer === null && reset?.hadAck === true;
  return isAbort && closedAt - (to.lastPayloadAt ?? 0) <= RESET_BEHIND_NANOS ? "unread" : "talkative";
}

function noteClose(service: Service, caller: Caller, { ends, closer }: FlowHistory, client: 0 | 1): void {
  if (closer === null) return;
  const { fin } = ends[closer];
  if (fin === null) return;
  if (closer === client) caller.closedByClient++;
  else caller.closedByServer++;
  caller.firstCloseAt = Math.min(caller.firstCloseAt, fin.at);
  caller.lastCloseAt = Math.max(caller.lastCloseAt, fin.at);
  if (closer !== client && fin.at - fin.idleSinceAt >= IDLE_CLOSE_NANOS) service.idleCloses.add(fin.at);
}

/** Opened and closed by the client without a word of either end. */
function isProbe({ history, client }: Conclusion, from: EndHistory, to: EndHistory): boolean {
  if (history.establishedAt === null || history.closer !== client) return false;
  return from.payloadBytes === 0 && to.payloadBytes === 0;
}
