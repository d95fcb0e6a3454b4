import type { FlowHistory } from "../tcp/history.ts";

/** Twins are seen within so long of each other: a router forwards in far less. */
const APART_NANOS_MAX = 1e9;

/** Connections that are remembered. Twins end together, so they are concluded close to each other. */
const REMEMBERED_COUNT = 1 << 15;

interface Remembered<T> {
  /** As signed words they are small integers to the engine, which finds those fastest. */
  acceptorIsn: number;
  openerIsn: number;
  at: number;
  name: T;
}

/**
 * A router with NAT, and a tunnel captured inside and out, show one connection under two keys. Address and port translation keeps the
 * sequence numbers: two handshakes with equal initial numbers at both ends at the same time are one connection (64 bits of chance).
 */
export class TwinFinder<T> {
  readonly #byIsn = new Map<number, Remembered<T>>();
  /** Round and round: what is overwritten is forgotten, and makes no garbage. */
  readonly #ring: Remembered<T>[] = [];
  #next = 0;

  /**
   * What the twin that was seen before was called; null if this is the first to show the connection, which is then remembered. `name` may
   * write over the name of a connection that is forgotten.
   */
  find(history: FlowHistory, name: (forgotten: T | undefined) => T): T | null {
    const [a, b] = history.ends;
    if (history.opener === null || a.syn === null || b.syn === null) return null;
    const [opener, acceptor] = history.opener === 0 ? [a.syn, b.syn] : [b.syn, a.syn];
    const acceptorIsn = acceptor.isn | 0;
    const openerIsn = opener.isn | 0;
    const twin = this.#byIsn.get(acceptorIsn);
    const isTwin = twin?.openerIsn === openerIsn && Math.abs(twin.at - history.firstAt) <= APART_NANOS_MAX;
    if (isTwin) return twin.name;

    const old = this.#ring[this.#next];
    if (old === undefined) {
      const added = { acceptorIsn, openerIsn, at: history.firstAt, name: name(undefined) };
      this.#ring.push(added);
      this.#byIsn.set(acceptorIsn, added);
    } else {
      if (this.#byIsn.get(old.acceptorIsn) === old) this.#byIsn.delete(old.acceptorIsn);
      old.acceptorIsn = acceptorIsn;
      old.openerIsn = openerIsn;
      old.at = history.firstAt;
      old.name = name(old.name);
      this.#byIsn.set(acceptorIsn, old);
    }
    this.#next = (this.#next + 1) % REMEMBERED_COUNT;
    return null;
  }
}
