import { MomentCounts } from "../analysis/moment-counts.ts";
import type { EndpointKey } from "../tcp/history.ts";
import { Moments } from "./moments.ts";
import type { Refusals } from "./refusals.ts";

/** From when to when connections stood: the last so many that ended, and those that stand. */
const SESSION_COUNT_MAX = 2048;

export class Sessions {
  /** Beginning and end of each in turn; the end is Infinity while it stands. */
  readonly #moments: number[] = [];
  #next = 0;

  get isFull(): boolean {
    return this.#moments.length === 2 * SESSION_COUNT_MAX;
  }

  add(from: number, to: number): void {
    this.#moments[this.#next] = from;
    this.#moments[this.#next + 1] = to;
    this.#next = (this.#next + 2) % (2 * SESSION_COUNT_MAX);
  }

  /** How many stood at a moment. */
  openAt(at: number): number {
    const moments = this.#moments;
    let count = 0;
    for (let index = 0; index < moments.length; index += 2) {
      if ((moments[index] ?? 0) < at && (moments[index + 1] ?? 0) > at) count++;
    }
    return count;
  }

  /** The most that stood together at any moment between two. */
  peakBetween(from: number, to: number): number {
    const changes: [at: number, by: 1 | -1][] = [];
    for (let index = 0; index < this.#moments.length; index += 2) {
      const [opened = 0, closed = 0] = [this.#moments[index], this.#moments[index + 1]];
      if (opened >= closed || opened > to || closed < from) continue;
      changes.push([opened, 1], [closed, -1]);
    }
    // One that ends makes room for the next at the same moment.
    changes.sort(([a, up], [b, down]) => (a === b ? up - down : a - b));
    let [peak, open] = [0, 0];
    for (const [at, by] of changes) {
      if (at > to) break;
      open += by;
      // What was over before counts no more.
      if (at < from) peak = open;
      else peak = Math.max(peak, open);
    }
    return peak;
  }
}

/** A connection that stood at the end of observation: when it was opened, when last used. */
export interface OpenConnection {
  /** -Infinity when it stood before the capture began. */
  readonly openedAt: number;
  /** Last payload of either end; -Infinity without any. */
  readonly usedAt: number;
  /** The client asked and got no answer. */
  readonly asks: boolean;
  readonly segments: number;
}

/** One client address and one service: what they did to each other. */
export class Caller {
  readonly ip: string;
  flows = 0;
  /** Connections without a payload that the client opened and closed; whatever the server did then. */
  probes: Moments | null = null;
  refusals: Refusals | null = null;
  /** The connections that were not refused. */
  readonly sessions = new Sessions();
  readonly open: OpenConnection[] = [];
  openCount = 0;
  /** Orderly closes by who closed first: it is there that TIME-WAIT stands. */
  closedByServer = 0;
  closedByClient = 0;
  firstCloseAt = Number.POSITIVE_INFINITY;
  lastCloseAt = Number.NEGATIVE_INFINITY;
  lastOpenedAt = Number.NEGATIVE_INFINITY;
  lastHeardAt = Number.NEGATIVE_INFINITY;

  constructor(ip: string) {
    this.ip = ip;
  }
}

/** One server address and port: what it did with all its connections. */
export class Service {
  readonly ip: string;
  readonly port: number;
  readonly endpoint: EndpointKey;
  flows = 0;
  /** When each connection that it answered was opened, or first heard of, and when it was last answered. */
  readonly answeredOpened = new MomentCounts();
  readonly answeredLast = new MomentCounts();
  /** When each connection of which a SYN was captured was opened, if the application did anything at all: a payload, a FIN. */
  readonly touchedOpened = new MomentCounts();
  readonly callers = new Map<string, Caller>();
  lastHeardAt = Number.NEGATIVE_INFINITY;
  /** When it closed connections that had been idle. */
  readonly idleCloses = new Moments();

  constructor(ip: string, port: number, endpoint: EndpointKey) {
    this.ip = ip;
    this.port = port;
    this.endpoint = endpoint;
  }

  /** Connections that were answered between these moments, or were in use before and after. */
  answeredBetween(from: number, to: number): number {
    return Math.max(0, this.answeredLast.after(from) - this.answeredOpened.after(to));
  }
}
