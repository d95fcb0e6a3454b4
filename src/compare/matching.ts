/**
 * Which flow of point A is which of point B. Initial sequence numbers tell: 64 bits of chance, and address translation keeps them. Where a
 * point saw less than the handshake, addresses and time must do.
 */

import { type EndView, type FlowView, withRolesExchanged } from "./flow-view.ts";
import type { ComparedFlow } from "./model.ts";

export interface Pair {
  readonly a: FlowView;
  readonly b: FlowView;
  readonly matchedBy: NonNullable<ComparedFlow["matchedBy"]>;
}

/** B's clock at a moment of A's. */
export type ToClockOfB = (atA: number) => number;

/** A SYN whose earlier copies were lost comes so much later: three time-outs that double. */
const LATER_NANOS_MAX = 8e9;

/** Flows without numbers are the same if they were seen within so long of each other. */
const APART_NANOS_MAX = 1e9;

/** Takes flows of both points out of the lists as it finds their partners. */
export class Matcher {
  readonly pairs: Pair[] = [];
  #restA: FlowView[];
  #restB: FlowView[];

  constructor(a: readonly FlowView[], b: readonly FlowView[]) {
    this.#restA = [...a];
    this.#restB = [...b];
  }

  get onlyA(): readonly FlowView[] {
    return this.#restA;
  }

  get onlyB(): readonly FlowView[] {
    return this.#restB;
  }

  /** What is sure without knowing how the clocks differ. */
  matchByNumbers(): void {
    this.#match(addressKey, (a, b) => sameNumbers(a, b) === true);
    this.#match(numbersKey, () => true);
  }

  /** What needs the clocks: connections of which one point saw no handshake, or one direction of it. */
  matchByTime(toB: ToClockOfB): void {
    const overlaps = (a: FlowView, b: FlowView) =>
      toB(a.firstAt) <= b.lastAt + APART_NANOS_MAX && toB(a.lastAt) >= b.firstAt - APART_NANOS_MAX;
    this.#match(addressKey, (a, b) => sameNumbers(a, b) !== false && overlaps(a, b));
    const follows = (a: FlowView, b: FlowView) => Math.abs(b.firstAt - toB(a.firstAt)) <= LATER_NANOS_MAX;
    this.#match(clientNumberKey, (a, b) => sameNumbers(a, b) !== false && follows(a, b));
  }

  /** When nothing tells how the clocks differ: connections of one 4-tuple, in order, unless their numbers contradict. */
  matchByAddresses(): void {
    this.#match(addressKey, (a, b) => sameNumbers(a, b) !== false);
  }

  #match(keyOf: (view: FlowView) => string | null, fits: (a: FlowView, b: FlowView) => boolean): void {
    const queues = new Map<string, Queue>();
    for (const view of this.#restB) {
      const key = keyOf(view);
      if (key === null) continue;
      const queue = queues.get(key);
      if (queue === undefined) queues.set(key, { views: [view], first: 0 });
      else queue.views.push(view);
    }
    const taken = new Set<FlowView>();
    this.#restA = this.#restA.filter((a) => {
      const key = keyOf(a);
      const queue = key === null ? undefined : queues.get(key);
      const pair = queue && findIn(queue, a, taken, fits);
      if (!pair) return true;
      this.pairs.push(pair);
      return false;
    });
    this.#restB = this.#restB.filter((b) => !taken.has(b));
  }
}

/** Flows of B that have the same key, in order; those before `first` have found their partners. */
interface Queue {
  readonly views: FlowView[];
  first: number;
}

function findIn(
  queue: Queue,
  a: FlowView,
  taken: Set<FlowView>,
  fits: (a: FlowView, b: FlowView) => boolean,
): Pair | null {
  const { views } = queue;
  const end = Math.min(views.length, queue.first + CANDIDATE_COUNT_MAX);
  for (let index = queue.first; index < end; index++) {
    const candidate = views[index];
    if (candidate === undefined || taken.has(candidate)) continue;
    const aligned = alignRoles(a, candidate);
    if (!fits(aligned.a, aligned.b)) continue;
    taken.add(candidate);
    for (let next = views[queue.first]; next !== undefined && taken.has(next); next = views[queue.first]) queue.first++;
    return { ...aligned, matchedBy: waysOf(aligned.a, aligned.b) };
  }
  return null;
}

function waysOf(a: FlowView, b: FlowView): Pair["matchedBy"] {
  if (addressKey(a) !== addressKey(b)) return "numbers";
  return sameNumbers(a, b) === true ? "addresses-and-numbers" : "addresses";
}

/** Incarnations of one 4-tuple come in the same order at both points: the partner is among the next few. */
const CANDIDATE_COUNT_MAX = 64;

/** The point that saw the handshake knows the roles. */
function alignRoles(a: FlowView, b: FlowView): { a: FlowView; b: FlowView } {
  const [clientA, serverB] = [a.ends.client, b.ends.server];
  const crossed = clientA.ip === serverB.ip && clientA.port === serverB.port;
  const alsoStraight = clientA.ip === b.ends.client.ip && clientA.port === b.ends.client.port;
  if (!crossed || alsoStraight) return { a, b };
  return a.rolesKnown ? { a, b: withRolesExchanged(b) } : { a: withRolesExchanged(a), b };
}

/** Null: no end's number is known at both points. */
function sameNumbers(a: FlowView, b: FlowView): boolean | null {
  let known: boolean | null = null;
  for (const side of ["client", "server"] as const) {
    const [mine, theirs] = [a.ends[side].syn, b.ends[side].syn];
    if (mine === null || theirs === null) continue;
    if (mine.isn !== theirs.isn) return false;
    known = true;
  }
  return known;
}

function addressKey({ ends }: FlowView): string {
  const [client, server] = [nameOf(ends.client), nameOf(ends.server)];
  return client < server ? `${client} ${server}` : `${server} ${client}`;
}

const nameOf = ({ ip, port }: EndView): string => `${ip}|${port}`;

/** The numbers that both ends began with; null: half of the handshake is missing. */
export function numbersKey({ ends: { client, server } }: FlowView): string | null {
  return client.syn === null || server.syn === null ? null : `${client.syn.isn} ${server.syn.isn}`;
}

const clientNumberKey = ({ ends: { client } }: FlowView): string | null =>
  client.syn === null ? null : `${client.syn.isn}`;
