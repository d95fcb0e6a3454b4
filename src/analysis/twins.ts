import type { FlowHistory } from "../tcp/history.ts";

/** Twins are seen within so long of each other: a router forwards in far less. */
const APART_NANOS_MAX = 1e9;

/** Connections of one generation; two are remembered. Twins end together, so they are concluded close to each other. */
const GENERATION_COUNT = 1 << 15;

interface Remembered<T> {
  readonly openerIsn: number;
  readonly at: number;
  readonly name: T;
}

/**
 * A router with NAT, and a tunnel captured inside and out, show one connection under two keys. Address and port translation keeps the
 * sequence numbers: two handshakes with equal initial numbers at both ends at the same time are one connection (64 bits of chance).
 */
export class TwinFinder<T> {
  /** By the acceptor's initial sequence number, signed. */
  #recent = new Map<number, Remembered<T>>();
  #older = new Map<number, Remembered<T>>();

  /** What the twin that was seen before was called; null if this is the first to show the connection, which is then remembered. */
  find(history: FlowHistory, name: () => T): T | null {
    const [a, b] = history.ends;
    if (history.opener === null || a.syn === null || b.syn === null) return null;
    const [opener, acceptor] = history.opener === 0 ? [a.syn, b.syn] : [b.syn, a.syn];
    // As a signed word it is a small integer to the engine, which finds those fastest.
    const isn = acceptor.isn | 0;
    const twin = this.#recent.get(isn) ?? this.#older.get(isn);
    const isTwin = twin?.openerIsn === opener.isn && Math.abs(twin.at - history.firstAt) <= APART_NANOS_MAX;
    if (isTwin) return twin.name;
    if (this.#recent.size >= GENERATION_COUNT) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(isn, { openerIsn: opener.isn, at: history.firstAt, name: name() });
    return null;
  }
}
