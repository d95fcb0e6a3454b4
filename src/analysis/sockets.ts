import { type EndIndex, peerOf } from "../tcp/conversation.ts";
import type { FlowHistory } from "../tcp/history.ts";
import { type StateSpan, spanAt, type Timers, timelineOf } from "../tcp/timeline.ts";
import type { Clock } from "./clock.ts";
import { flowName, idOf } from "./flow-name.ts";
import type { Endpoint, Side, StateName, Timestamp } from "./model.ts";
import type { Observation } from "./observation.ts";
import type { Selection } from "./options.ts";
import { RoleGuesser } from "./roles.ts";
import { FlowFilter } from "./selection.ts";
import { TwinFinder } from "./twins.ts";

/** One socket, as `ss -tan` on its host would list it. */
export interface Socket {
  readonly state: StateName;
  readonly local: Endpoint;
  readonly peer: Endpoint;
  readonly role: Side;
  /** When it entered the state. */
  readonly since: Timestamp;
  /** A timer and not a packet put it into this state. */
  readonly assumed: boolean;
  /** Id of its flow. */
  readonly flow: string;
}

export type StateCounts = Readonly<Record<string, Readonly<Partial<Record<StateName, number>>>>>;

/** All sockets at a moment, by local address and port, and how many of each state on each host. */
export interface SocketTable {
  readonly at: Timestamp;
  readonly sockets: readonly Socket[];
  readonly counts: StateCounts;
}

/** The moments to look at, as relative times, given the end of observation so far. */
export interface LookingTimes {
  /** In order. */
  all(endOfObservation: number): readonly number[];
  /** The first that is not before `from`; Infinity: there is none. */
  firstFrom(from: number, endOfObservation: number): number;
}

export interface SocketCensusOptions {
  readonly clock: Clock;
  readonly observation: Observation;
  readonly timers: Timers;
  readonly selection: Selection;
  readonly times: LookingTimes;
}

interface KnownFlow {
  readonly history: FlowHistory;
  readonly timeline: readonly [readonly StateSpan[], readonly StateSpan[]];
  /** When the first of its sockets came to be, and the last was gone for good; Infinity while it was not. */
  readonly begin: number;
  readonly gone: number;
  /** Which ends have their socket under these addresses: not both if NAT shows the connection under others as well. */
  readonly hasSocket: [boolean, boolean];
}

/**
 * The sockets that existed at given moments, with hindsight: a CLOSE-WAIT begins with the FIN that a later acknowledgment proves received.
 * Sockets that no packet shows, listening ones among them, are not invented. After the end of observation silence is assumed.
 */
export class SocketCensus {
  readonly needsTimeWait = true;
  readonly #options: SocketCensusOptions;
  readonly #filter: FlowFilter;
  readonly #roles = new RoleGuesser();
  readonly #twins = new TwinFinder<KnownFlow>();
  readonly #flows: KnownFlow[] = [];

  constructor(options: SocketCensusOptions) {
    this.#options = options;
    this.#filter = new FlowFilter(options.selection);
  }

  add(history: FlowHistory): void {
    if (!this.#filter.acceptsEndpoints(history) || !this.#filter.acceptsHolder(history)) return;
    this.#roles.learn(history);
    const timeline = timelineOf(history, this.#options.timers);
    const begin = Math.min(...timeline.map((spans) => spans[0]?.at ?? Number.POSITIVE_INFINITY));
    const gone = Math.max(...timeline.map(goneAt));
    const flow: KnownFlow = { history, timeline, begin, gone, hasSocket: [true, true] };
    const twin = this.#twins.find(history, () => flow);
    if (twin !== null && history.opener !== null && twin.history.opener !== null) {
      // Behind address translation: the first to be seen shows the client's own socket, the second the server's.
      twin.hasSocket[peerOf(twin.history.opener)] = false;
      flow.hasSocket[history.opener] = false;
    }
    if (this.#mayExistWhenLooking(flow)) this.#flows.push(flow);
  }

  result(): SocketTable[] {
    const waiting = this.#flows.sort((a, b) => a.begin - b.begin || a.history.order - b.history.order).values();
    let next = waiting.next().value;
    let there: KnownFlow[] = [];
    return this.#options.times.all(this.#options.observation.end()).map((at) => {
      for (; next !== undefined && next.begin <= at; next = waiting.next().value) there.push(next);
      there = there.filter(({ gone }) => at < gone);
      there.sort((a, b) => a.history.order - b.history.order);
      return this.#tableAt(at, there);
    });
  }

  #mayExistWhenLooking({ history, gone }: KnownFlow): boolean {
    if (gone === Number.POSITIVE_INFINITY) return true;
    return this.#options.times.firstFrom(history.firstAt, this.#options.observation.end()) < gone;
  }

  #tableAt(at: number, flows: readonly KnownFlow[]): SocketTable {
    const sockets = flows.flatMap((flow) => this.#socketsOf(flow, at)).sort(byAddresses);
    const counts: Record<string, Partial<Record<StateName, number>>> = {};
    for (const { local, state } of sockets) {
      counts[local.ip] ??= {};
      const host = counts[local.ip] as Partial<Record<StateName, number>>;
      host[state] = (host[state] ?? 0) + 1;
    }
    return { at: this.#options.clock.timestamp(at), sockets, counts };
  }

  #socketsOf({ history, timeline, hasSocket }: KnownFlow, at: number): Socket[] {
    const { clock } = this.#options;
    const client = history.opener ?? this.#roles.client(history);
    return ([0, 1] as const).flatMap((end) => {
      const span = spanAt(timeline[end], at);
      if (!hasSocket[end] || span.state === "CLOSED" || span.state === "LISTEN") return [];
      return [
        {
          state: span.state,
          local: endpointOf(history, end),
          peer: endpointOf(history, peerOf(end)),
          role: end === client ? "client" : "server",
          since: clock.timestamp(span.at),
          assumed: span.assumed,
          flow: idOf(flowName(history, client), clock),
        } satisfies Socket,
      ];
    });
  }
}

/** When the socket was gone for good; Infinity while it was not. */
function goneAt(spans: readonly StateSpan[]): number {
  const last = spans.at(-1);
  if (last === undefined) return Number.NEGATIVE_INFINITY;
  return last.state === "CLOSED" ? last.at : Number.POSITIVE_INFINITY;
}

function endpointOf(history: FlowHistory, end: EndIndex): Endpoint {
  const { ip, port } = history.ends[end];
  return { ip, port };
}

function byAddresses(a: Socket, b: Socket): number {
  return (
    compareText(a.local.ip, b.local.ip) ||
    a.local.port - b.local.port ||
    compareText(a.peer.ip, b.peer.ip) ||
    a.peer.port - b.peer.port
  );
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
