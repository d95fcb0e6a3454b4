import type { FlowName } from "../analysis/flow-name.ts";
import { MomentCounts } from "../analysis/moment-counts.ts";
import type { EndpointKey, Sighting } from "../tcp/history.ts";

/** Of one client address at one service, so many moments of each sort are kept; further ones are only counted. */
const MOMENT_COUNT_MAX = 16_384;

/** Refusals whose flows are named. */
const NAMED_COUNT_MAX = 1000;

/** Refusals that may be answers. */
const TALKATIVE_COUNT_MAX = 32;

/** Moments in the order they were learnt, at most so many, and how many there were. */
export class Moments {
  readonly at: number[] = [];
  count = 0;

  add(at: number): void {
    this.count++;
    if (this.at.length < MOMENT_COUNT_MAX) this.at.push(at);
  }

  inOrder(): number[] {
    return [...this.at].sort((a, b) => a - b);
  }
}

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
}

/** A connection that the server closed as soon as it had accepted it. */
export interface Refusal {
  readonly name: FlowName;
  readonly at: number;
  readonly close: Sighting;
  /** What the server said before. */
  readonly octets: number;
  readonly isOrderly: boolean;
}

/** What a server does to connections that it does not want. */
export class Refusals {
  readonly moments = new Moments();
  readonly named: Refusal[] = [];
  resets = 0;
  /** Closed at once as well, behind a few octets that may be an answer. */
  readonly talkative: Refusal[] = [];
  readonly #octets = new Set<number>();

  add(refusal: Refusal): void {
    this.moments.add(refusal.at);
    if (!refusal.isOrderly) this.resets++;
    if (refusal.octets > 0 && this.#octets.size < NAMED_COUNT_MAX) this.#octets.add(refusal.octets);
    if (this.named.length < NAMED_COUNT_MAX) this.named.push(refusal);
  }

  /** Whether a connection was refused with so many octets without having asked. */
  hasSaid(octets: number): boolean {
    return this.#octets.has(octets);
  }

  /** Of those that may have been answered, enough are remembered until one comes that cannot have been. */
  get isFull(): boolean {
    return this.talkative.length >= TALKATIVE_COUNT_MAX;
  }

  /** Those among the talkative that were told the very same are refusals, too. */
  settle(): void {
    for (const refusal of this.talkative.splice(0)) if (this.#octets.has(refusal.octets)) this.add(refusal);
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
  /** When each connection that it answered was opened, and when it was last answered. */
  readonly answeredOpened = new MomentCounts();
  readonly answeredLast = new MomentCounts();
  /** When each connection was opened with which the application did anything at all: a payload, a FIN. */
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
