import { EntryCursor, EntryPools, NONE } from "../transcript/entries.ts";
import type { Fold } from "../transcript/fold.ts";
import { ACK, FIN, FROM_B, IPV6, RST, type SegmentBatch, SYN } from "../wire/segment-batch.ts";
import {
  ENDED,
  ENTRY_COUNT_ONE,
  ENTRY_COUNT_SHIFT,
  FIN_A,
  FIN_B,
  FLOW,
  FlowSlots,
  SETTLING,
  SlotKey,
  USED,
  V6,
} from "./flow-record.ts";
import { touchRun } from "./run-writer.ts";
import { Transcriber } from "./transcriber.ts";

/** A transcript of so many entries is folded, so that no flow grows without bound. */
export const ENTRY_COUNT_MAX = 48;

/**
 * A flow silent for so long is folded, and is over if replay finds nothing that may still happen (an unanswered SYN, say). Longer than
 * the largest gap between retransmissions of a SYN (RFC 6298: 64 s) and than 2 MSL of RFC 9293 §3.4.2 (240 s).
 */
const IDLE_NANOS = 240e9;

/** Tails of a flow that was over less than 2 MSL ago open no flow. Linux: TCP_TIMEWAIT_LEN. */
const TAIL_NANOS = 60e9;

/** Sweeping keeps this far behind the latest time seen, so that a small step backwards in time still finds what it belongs to. */
const SWEEP_SLACK_NANOS = 10e9;

/** A sweep looks at every slot, so it waits until this many flows, or this part of them, may be over. */
const SWEEP_COUNT_MIN = 1 << 12;
const SWEEP_SHARE = 1 / 8;

const FIRST_CAPACITY = 1 << 12;
const LOAD_MAX = 0.6;

const WORDS = FLOW.words;
const { lastAt: LAST_AT, order: ORDER, addressA: ADDRESS_A, addressB: ADDRESS_B, ports: PORTS } = FLOW.offset;
const { tunnel: TUNNEL, hash: HASH, bits: BITS, state: STATE } = FLOW.offset;
const { firstEntry: FIRST_ENTRY, lastEntry: LAST_ENTRY, openRunA: OPEN_RUN_A, openRunB: OPEN_RUN_B } = FLOW.offset;

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
  /** Folds since the last sweep that left a flow which may be over soon. */
  #settling = 0;
  /** Segments that came after their flow was over. */
  tails = 0;
  /** Latest capture time so far. */
  #now = Number.NEGATIVE_INFINITY;
  /** Slot of each row of the batch. */
  readonly #found: Int32Array;
  /** Written so that the engine keeps the reads. */
  touched = 0;

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
    if (this.#settling > Math.max(SWEEP_COUNT_MIN, this.#live * SWEEP_SHARE)) this.#sweep();
    if (this.#live + batch.rows > this.#slots.capacity * LOAD_MAX) this.#makeRoom(batch.rows);
    const { rows } = batch;
    this.#touchSlots(batch, rows);
    for (let row = 0; row < rows; row++) this.#found[row] = this.#findOrInsert(batch, row);
    this.#touchRuns(batch, rows);
    for (let row = 0; row < rows; row++) this.#apply(batch, row, this.#found[row] as number);
  }

  /** Hands out every flow that is still in the table, in the order of their first records. */
  finish(): void {
    const orders = new Float64Array(this.#live);
    const slotOf = new Map<number, number>();
    let count = 0;
    for (let slot = 0; slot < this.#slots.capacity; slot++) {
      if (!this.#slots.isUsed(slot)) continue;
      const order = this.#slots.f64[slot * WORDS + ORDER] as number;
      orders[count++] = order;
      slotOf.set(order, slot);
    }
    for (const order of orders.sort()) this.#release(slotOf.get(order) as number);
    this.#slots = new FlowSlots(FIRST_CAPACITY);
    this.#live = 0;
  }

  /** The reads of a pass do not wait for each other: their cache misses overlap. */
  #touchSlots(batch: SegmentBatch, rows: number): void {
    const { i32, capacity } = this.#slots;
    const { hash } = batch;
    const mask = capacity - 1;
    let touched = 0;
    for (let row = 0; row < rows; row++) touched ^= i32[((hash[row] as number) & mask) * WORDS * 2 + BITS] as number;
    this.touched = touched;
  }

  #touchRuns(batch: SegmentBatch, rows: number): void {
    const { i32 } = this.#slots;
    const { traits } = batch;
    const { runs } = this.pools;
    let touched = 0;
    for (let row = 0; row < rows; row++) {
      const open = ((traits[row] as number) & FROM_B) !== 0 ? OPEN_RUN_B : OPEN_RUN_A;
      const run = i32[(this.#found[row] as number) * WORDS * 2 + open] as number;
      if (run !== NONE) touched += touchRun(runs, run);
    }
    this.touched = touched;
  }

  #findOrInsert(batch: SegmentBatch, row: number): number {
    const slots = this.#slots;
    const { i32, capacity } = slots;
    const mask = capacity - 1;
    const hash = batch.hash[row] as number;
    const addressA = batch.addressA[row] as number;
    const addressB = batch.addressB[row] as number;
    const ports = batch.ports[row] as number;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const base = slot * WORDS * 2;
      const bits = i32[base + BITS] as number;
      if ((bits & USED) === 0) return this.#insert(slot, batch, row);
      if (
        i32[base + HASH] === hash &&
        i32[base + ADDRESS_A] === addressA &&
        i32[base + ADDRESS_B] === addressB &&
        i32[base + PORTS] === ports &&
        i32[base + TUNNEL] === batch.tunnel[row] &&
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
    const base = slot * WORDS * 2;
    const ipv6 = ((batch.traits[row] as number) & IPV6) !== 0;
    slots.i32[base + BITS] = ipv6 ? USED | V6 : USED;
    slots.i32[base + ADDRESS_A] = batch.addressA[row] as number;
    slots.i32[base + ADDRESS_B] = batch.addressB[row] as number;
    slots.i32[base + PORTS] = batch.ports[row] as number;
    slots.i32[base + TUNNEL] = batch.tunnel[row] as number;
    slots.i32[base + HASH] = batch.hash[row] as number;
    if (ipv6) {
      const plane = slots.wordPlane();
      for (let i = 0; i < 8; i++) plane[slot * 8 + i] = batch.words[row * 8 + i] as number;
    }
    slots.restart(slot, batch.order[row] as number);
    this.#live++;
    return slot;
  }

  #apply(batch: SegmentBatch, row: number, slot: number): void {
    const { f64, i32 } = this.#slots;
    const at = batch.time[row] as number;
    const flags = batch.flags[row] as number;
    const lastAtIndex = slot * WORDS + LAST_AT;
    const bitsIndex = slot * WORDS * 2 + BITS;
    const mayBeOver =
      ((i32[bitsIndex] as number) & (SETTLING | ENDED)) !== 0 || at - (f64[lastAtIndex] as number) > IDLE_NANOS;
    if (mayBeOver && this.#isTail(slot, at, flags, batch.order[row] as number)) {
      this.tails++;
      return;
    }
    if ((flags & (SYN | FIN | RST)) !== 0) this.#transcriber.addControl(this.#slots, slot, batch, row);
    else this.#transcriber.addToRun(this.#slots, slot, batch, row);
    if (at > (f64[lastAtIndex] as number)) f64[lastAtIndex] = at;
    if (at > this.#now) this.#now = at;

    const bits = i32[bitsIndex] as number;
    const closing = (bits & (FIN_A | FIN_B)) === (FIN_A | FIN_B) && (flags & (SYN | FIN | RST | ACK)) === ACK;
    if (closing || (flags & RST) !== 0 || bits >>> ENTRY_COUNT_SHIFT >= ENTRY_COUNT_MAX) this.#foldEntries(slot);
  }

  /**
   * Whether the segment comes after its flow was over and opens no other. It depends on times alone, asked when the 4-tuple comes again,
   * so that sweeping never shows in a result.
   */
  #isTail(slot: number, at: number, flags: number, order: number): boolean {
    if (!this.#endIfOver(slot, at)) return false;
    const sinceEnd = at - (this.#slots.f64[slot * WORDS + LAST_AT] as number);
    if ((flags & SYN) === 0 && sinceEnd <= TAIL_NANOS) {
      this.#slots.f64[slot * WORDS + LAST_AT] = at;
      return true;
    }
    this.#slots.restart(slot, order);
    return false;
  }

  /** Hands out a flow that is over, and keeps its slot to know its tails by. */
  #endIfOver(slot: number, now: number): boolean {
    const { i32 } = this.#slots;
    const base = slot * WORDS * 2;
    if (((i32[base + BITS] as number) & ENDED) !== 0) return true;
    this.#foldEntries(slot);
    const state = i32[base + STATE] as number;
    if (state === NONE || now < this.#fold.settledAt(state)) return false;
    this.#fold.release(this.#key.at(this.#slots, slot), state);
    i32[base + STATE] = NONE;
    i32[base + BITS] = ((i32[base + BITS] as number) & (USED | V6)) | ENDED;
    return true;
  }

  #foldEntries(slot: number): void {
    const { i32 } = this.#slots;
    const base = slot * WORDS * 2;
    const first = i32[base + FIRST_ENTRY] as number;
    if (first === NONE) return;
    const state = this.#fold.fold(
      this.#key.at(this.#slots, slot),
      this.#entries.from(first),
      i32[base + STATE] as number,
    );
    this.#transcriber.freeEntries(this.#slots, slot);
    i32[base + STATE] = state;
    i32[base + FIRST_ENTRY] = NONE;
    i32[base + LAST_ENTRY] = NONE;
    i32[base + OPEN_RUN_A] = NONE;
    i32[base + OPEN_RUN_B] = NONE;
    const bits = (i32[base + BITS] as number) & (ENTRY_COUNT_ONE - 1) & ~SETTLING;
    const settles = this.#fold.settledAt(state) < Number.POSITIVE_INFINITY;
    if (settles) this.#settling++;
    i32[base + BITS] = settles ? bits | SETTLING : bits;
  }

  #release(slot: number): void {
    this.#foldEntries(slot);
    const state = this.#slots.i32[slot * WORDS * 2 + STATE] as number;
    if (state !== NONE) this.#fold.release(this.#key.at(this.#slots, slot), state);
  }

  /** Moves into a larger table. */
  #makeRoom(rows: number): void {
    this.#sweep();
    let { capacity } = this.#slots;
    while (this.#live + rows > (capacity * LOAD_MAX) / 2) capacity *= 2;
    if (capacity === this.#slots.capacity) return;
    const slots = new FlowSlots(capacity);
    for (let slot = 0; slot < this.#slots.capacity; slot++) {
      if (this.#slots.isUsed(slot)) this.#slots.copy(slot, slots, freeSlot(slots, this.#hashAt(slot)));
    }
    this.#slots = slots;
  }

  /** Hands out what is over, and forgets what has no tails any more. */
  #sweep(): void {
    this.#settling = 0;
    const now = this.#now - SWEEP_SLACK_NANOS;
    for (let slot = 0; slot < this.#slots.capacity; slot++) {
      // A deletion moves a later slot into this one: look again.
      while (this.#slots.isUsed(slot) && this.#mayForget(slot, now)) this.#delete(slot);
    }
  }

  #mayForget(slot: number, now: number): boolean {
    const bits = this.#slots.i32[slot * WORDS * 2 + BITS] as number;
    const idle = now - (this.#slots.f64[slot * WORDS + LAST_AT] as number);
    if ((bits & (SETTLING | ENDED)) === 0 && idle <= IDLE_NANOS) return false;
    return this.#endIfOver(slot, now) && idle > TAIL_NANOS;
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
    return this.#slots.i32[slot * WORDS * 2 + HASH] as number;
  }
}

function freeSlot(slots: FlowSlots, hash: number): number {
  const mask = slots.capacity - 1;
  let slot = hash & mask;
  while (slots.isUsed(slot)) slot = (slot + 1) & mask;
  return slot;
}
