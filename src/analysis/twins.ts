import type { FlowHistory } from "../tcp/history.ts";

/** Twins are seen within so long of each other: a router forwards in far less. */
const APART_NANOS_MAX = 1e9;

/** Connections remembered to find twins of; the oldest are dropped first. */
const CONNECTION_COUNT_MAX = 1 << 18;

/**
 * A router with NAT, and a tunnel captured inside and out, show one connection under two keys. Address and port translation keeps the
 * sequence numbers: two handshakes with equal initial numbers at both ends at the same time are one connection (64 bits of chance).
 */
export class TwinFinder<T> {
  readonly #byIsns = new Map<string, { readonly flow: T; readonly at: number }>();

  /** The twin that was seen before; null if `flow` is the first to show the connection. */
  find(history: FlowHistory, flow: T): T | null {
    const [a, b] = history.ends;
    if (history.opener === null || a.syn === null || b.syn === null) return null;
    const [opener, acceptor] = history.opener === 0 ? [a.syn, b.syn] : [b.syn, a.syn];
    const isns = `${opener.isn}/${acceptor.isn}`;
    const twin = this.#byIsns.get(isns);
    if (twin !== undefined && Math.abs(twin.at - history.firstAt) <= APART_NANOS_MAX) return twin.flow;
    if (this.#byIsns.size >= CONNECTION_COUNT_MAX) {
      const [oldest] = this.#byIsns.keys();
      if (oldest !== undefined) this.#byIsns.delete(oldest);
    }
    this.#byIsns.set(isns, { flow, at: history.firstAt });
    return null;
  }
}
