import type { Frame } from "../wire/dissection.ts";
import { HeaderWalk } from "../wire/header-walk.ts";

/** Datagrams that are waited for at once, and fragments of each: no real capture comes near. */
const PENDING_MAX = 4096;
const FRAGMENT_COUNT_MAX = 8192;

/**
 * The frames of fragmented datagrams. The segment belongs to the frame that made its datagram whole, and the others, which hold no TCP
 * header or came before it, belong to the flow as well.
 */
export class FragmentFrames {
  readonly #walk = new HeaderWalk();
  /** Numbers of the records that may turn out to be wanted, by datagram; the one that began longest ago is the first. */
  readonly #pending = new Map<string, number[]>();
  readonly #wanted = new Set<number>();

  /** `segment`: the frame completed a segment that is wanted, or one that is not; null: it gave none. */
  note(frame: Frame, order: number, segment: "wanted" | "unwanted" | null): void {
    this.#walk.headersOf(frame);
    const { datagram } = this.#walk;
    if (datagram === null) return;
    const orders = this.#pending.get(datagram) ?? this.#begin(datagram);
    if (orders.length < FRAGMENT_COUNT_MAX) orders.push(order);
    if (segment === null) return;
    if (segment === "wanted") for (const one of orders) this.#wanted.add(one);
    this.#pending.delete(datagram);
  }

  has(order: number): boolean {
    return this.#wanted.has(order);
  }

  #begin(datagram: string): number[] {
    const [oldest] = this.#pending.keys();
    if (this.#pending.size === PENDING_MAX && oldest !== undefined) this.#pending.delete(oldest);
    const orders: number[] = [];
    this.#pending.set(datagram, orders);
    return orders;
  }
}
