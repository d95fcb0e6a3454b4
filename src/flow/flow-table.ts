import { EntryCursor, EntryPools, NONE } from "../transcript/entries.ts";
import type { Fold } from "../transcript/fold.ts";
import { ACK, FIN, IPV6, RST, type SegmentBatch, SYN } from "../wire/segment-batch.ts";
import {
  ENTRY_COUNT_ONE,
  ENTRY_COUNT_SHIFT,
  FIN_A,
  FIN_B,
  FLOW,
  FlowSlots,
  FORGETTABLE,
  SlotKey,
  USED,
  V6,
} from "./flow-record.ts";
import { Transcriber } from "./transcriber.ts";

/** A transcript of so many entries is folded, so that no flow grows without bound. */
export const ENTRY_COUNT_MAX = 48;

/**
 * A flow silent for so long is folded, and forgotten if replay finds nothing that may still happen (an unanswered SYN, say). Longer than
 * the largest gap between retransmissions of a SYN (RFC 6298: 64 s) and than 2 MSL of RFC 9293 §3.4.2 (240 s).
 */
const IDLE_NANOS = 240e9;

/** Sweeping keeps this far behind the latest time seen, so that a small step backwards in time still finds what it belongs to. */
const SWEEP_SLACK_NANOS = 10e9;

const FIRST_CAPACITY = 1 << 12;
const LOAD_MAX = 0.6;

/**
 * The flows of one shard, in an open-addressing table of 4-tuples. A batch is worked through in passes (find the slots, then update
 * them), so that cache misses overlap.
 */
export class FlowTable {
  readonly pools = new EntryPools();
  readonly #fold: Fold;
  readonly #transcriber: Transcriber;
  readonly #entries: EntryCursor;
  readonly #key: SlotKey;
  #slots = new FlowSlots(FIRST_CAPACITY);
  #live = 0;
  #sweepWhenLive = FIRST_CAPACITY * LOAD_MAX;
  /** Latest capture time so far. */
  #now = Number.NEGATIVE_INFINITY;
  readonly #found: Int32Array;

  constructor(fold: Fold, batchRows: number) {
    this.#fold = fold;
    this.#transcriber = new Transcriber(this.pools);
    this.#entries = new EntryCursor(this.pools);
    this.#key = new SlotKey(this.#slots);
    this.#found = new Int32Array(batchRows);
  }

  /** Number of 4-tuples in the table. */
  get live(): number {
    return this.#live;
  }

  /** Adds a batch of segments, in order. */
  update(batch: SegmentBatch): void {
    if (this.#live + batch.rows > this.#sweepWhenLive) this.#makeRoom(batch.rows);
    const { rows } = batch;
    for (let row = 0; row < rows; row++) this.#found[row] = this.#findOrInsert(batch, row);
    for (let row = 0; row < rows; row++) this.#apply(batch, row, this.#found[row] as number);
  }

  /** Hands out every flow that is still in the table, in the order of their first records. */
  finish(): void {
    const orders = new Float64Array(this.#live);
    const slotOf = new Map<number, number>();
    let count = 0;
    for (let slot = 0; slot < this.#slots.capacity; slot++) {
      if (!this.#slots.isUsed(slot)) continue;
      const order = this.#slots.f64[slot * FLOW.words + FLOW.offset.order] as number;
      orders[count++] = order;
      slotOf.set(order, slot);
    }
    for (const order of orders.sort()) this.#release(slotOf.get(order) as number);
    this.#slots = new FlowSlots(FIRST_CAPACITY);
    this.#live = 0;
  }

  #findOrInsert(batch: SegmentBatch, row: number): number {
    const slots = this.#slots;
    const { i32, capacity } = slots;
    const mask = capacity - 1;
    const hash = batch.hash[row] as number;
    const addressA = batch.addressA[row] as number;
    const addressB = batch.addressB[row] as number;
    const ports = batch.ports[row] as number;
    const o = FLOW.offset;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const base = slot * FLOW.words * 2;
      const bits = i32[base + o.bits] as number;
      if ((bits & USED) === 0) return this.#insert(slot, batch, row);
      if (
        i32[base + o.hash] === hash &&
        i32[base + o.addressA] === addressA &&
        i32[base + o.addressB] === addressB &&
        i32[base + o.ports] === ports &&
        i32[base + o.tunnel] === batch.tunnel[row] &&
        ((bits & V6) !== 0) === (((batch.traits[row] as number) & IPV6) !== 0) &&
        ((bits & V6) === 0 || this.#sameWords(slot, batch, row))
      ) {
        return slot;
      }
    }
  }

  #sameWords(slot: number, batch: SegmentBatch, row: number): boolean {
    const plane = this.#slots.wordPlane();
    for (let i = 0; i < 8; i++) if (plane[slot * 8 + i] !== batch.words[row * 8 + i]) return false;
    return true;
  }

  #insert(slot: number, batch: SegmentBatch, row: number): number {
    const slots = this.#slots;
    const base = slot * FLOW.words * 2;
    const o = FLOW.offset;
    const ipv6 = ((batch.traits[row] as number) & IPV6) !== 0;
    slots.i32[base + o.bits] = ipv6 ? USED | V6 : USED;
    slots.i32[base + o.addressA] = batch.addressA[row] as number;
    slots.i32[base + o.addressB] = batch.addressB[row] as number;
    slots.i32[base + o.ports] = batch.ports[row] as number;
    slots.i32[base + o.tunnel] = batch.tunnel[row] as number;
    slots.i32[base + o.hash] = batch.hash[row] as number;
    if (ipv6) {
      const plane = slots.wordPlane();
      for (let i = 0; i < 8; i++) plane[slot * 8 + i] = batch.words[row * 8 + i] as number;
    }
    slots.restart(slot, batch.order[row] as number);
    this.#live++;
    return slot;
  }

  #apply(batch: SegmentBatch, row: number, slot: number): void {
    const slots = this.#slots;
    const at = batch.time[row] as number;
    const lastAtIndex = slot * FLOW.words + FLOW.offset.lastAt;
    const bitsIndex = slot * FLOW.words * 2 + FLOW.offset.bits;
    const lastAt = slots.f64[lastAtIndex] as number;
    if (((slots.i32[bitsIndex] as number) & FORGETTABLE) !== 0 || at - lastAt > IDLE_NANOS) {
      this.#forgetIfOver(slot, at, batch.order[row] as number);
    }
    const flags = batch.flags[row] as number;
    if ((flags & (SYN | FIN | RST)) !== 0) this.#transcriber.addControl(slots, slot, batch, row);
    else this.#transcriber.addToRun(slots, slot, batch, row);
    if (at > (slots.f64[lastAtIndex] as number)) slots.f64[lastAtIndex] = at;
    if (at > this.#now) this.#now = at;

    const bits = slots.i32[bitsIndex] as number;
    const closing = (bits & (FIN_A | FIN_B)) === (FIN_A | FIN_B) && (flags & (SYN | FIN | RST | ACK)) === ACK;
    if (closing || (flags & RST) !== 0 || bits >>> ENTRY_COUNT_SHIFT >= ENTRY_COUNT_MAX) this.#foldEntries(slot);
  }

  /** Whether a flow may be forgotten depends on times alone, asked when its 4-tuple comes again: sweeping never shows in a result. */
  #forgetIfOver(slot: number, at: number, order: number): void {
    this.#foldEntries(slot);
    const state = this.#slots.i32[slot * FLOW.words * 2 + FLOW.offset.state] as number;
    if (state === NONE || at < this.#fold.forgetAt(state)) return;
    this.#fold.release(this.#key.at(this.#slots, slot), state);
    this.#slots.restart(slot, order);
  }

  #foldEntries(slot: number): void {
    const slots = this.#slots;
    const base = slot * FLOW.words * 2;
    const o = FLOW.offset;
    const i32 = slots.i32;
    const first = i32[base + o.firstEntry] as number;
    if (first === NONE) return;
    const state = this.#fold.fold(this.#key.at(slots, slot), this.#entries.from(first), i32[base + o.state] as number);
    this.#transcriber.freeEntries(slots, slot);
    i32[base + o.state] = state;
    i32[base + o.firstEntry] = NONE;
    i32[base + o.lastEntry] = NONE;
    i32[base + o.openRunA] = NONE;
    i32[base + o.openRunB] = NONE;
    const bits = (i32[base + o.bits] as number) & (ENTRY_COUNT_ONE - 1) & ~FORGETTABLE;
    i32[base + o.bits] = this.#fold.forgetAt(state) < Number.POSITIVE_INFINITY ? bits | FORGETTABLE : bits;
  }

  #release(slot: number): void {
    this.#foldEntries(slot);
    const state = this.#slots.i32[slot * FLOW.words * 2 + FLOW.offset.state] as number;
    if (state !== NONE) this.#fold.release(this.#key.at(this.#slots, slot), state);
  }

  /** Forgets what is over; if too much stays, moves into a larger table. */
  #makeRoom(rows: number): void {
    this.#sweep();
    let { capacity } = this.#slots;
    while (this.#live + rows > (capacity * LOAD_MAX) / 2) capacity *= 2;
    if (capacity > this.#slots.capacity) {
      const slots = new FlowSlots(capacity);
      for (let slot = 0; slot < this.#slots.capacity; slot++) {
        if (this.#slots.isUsed(slot)) this.#slots.copy(slot, slots, freeSlot(slots, this.#hashAt(slot)));
      }
      this.#slots = slots;
    }
    this.#sweepWhenLive = capacity * LOAD_MAX;
  }

  #sweep(): void {
    const { capacity } = this.#slots;
    for (let slot = 0; slot < capacity; slot++) {
      // A deletion moves a later slot into this one: look again.
      while (this.#slots.isUsed(slot) && this.#isOver(slot)) {
        this.#release(slot);
        this.#delete(slot);
      }
    }
  }

  #isOver(slot: number): boolean {
    const bits = this.#slots.i32[slot * FLOW.words * 2 + FLOW.offset.bits] as number;
    const now = this.#now - SWEEP_SLACK_NANOS;
    const idle = now - (this.#slots.f64[slot * FLOW.words + FLOW.offset.lastAt] as number);
    if ((bits & FORGETTABLE) === 0 && idle <= IDLE_NANOS) return false;
    this.#foldEntries(slot);
    const state = this.#slots.i32[slot * FLOW.words * 2 + FLOW.offset.state] as number;
    return state !== NONE && this.#fold.forgetAt(state) <= now;
  }

  /** Closes the gap (linear probing without tombstones). */
  #delete(slot: number): void {
    const slots = this.#slots;
    const mask = slots.capacity - 1;
    let gap = slot;
    for (let next = (gap + 1) & mask; slots.isUsed(next); next = (next + 1) & mask) {
      const home = this.#hashAt(next) & mask;
      if (((next - home) & mask) >= ((next - gap) & mask)) {
        slots.copy(next, slots, gap);
        gap = next;
      }
    }
    slots.clear(gap);
    this.#live--;
  }

  #hashAt(slot: number): number {
    return this.#slots.i32[slot * FLOW.words * 2 + FLOW.offset.hash] as number;
  }
}

function freeSlot(slots: FlowSlots, hash: number): number {
  const mask = slots.capacity - 1;
  let slot = hash & mask;
  while (slots.isUsed(slot)) slot = (slot + 1) & mask;
  return slot;
}
