import { NONE } from "../transcript/entries.ts";
import type { FlowKey } from "../transcript/fold.ts";
import { layout } from "../transcript/layout.ts";

/** One slot of the flow table: 64 octets, one cache line. */
export const FLOW = layout({
  lastAt: "f64",
  /** Record number of the slot's first segment. */
  order: "f64",
  addressA: "i32",
  addressB: "i32",
  ports: "i32",
  tunnel: "i32",
  hash: "i32",
  bits: "i32",
  firstEntry: "i32",
  lastEntry: "i32",
  openRunA: "i32",
  openRunB: "i32",
  /** Index of the folded state; NONE before the first fold. */
  state: "i32",
});

/** Bits of `bits`; the number of entries stands above ENTRY_COUNT_SHIFT. */
export const USED = 1 << 0;
export const V6 = 1 << 1;
/** A FIN was sent by A, by B: both together only trigger a fold, the truth is replay's. */
export const FIN_A = 1 << 2;
export const FIN_B = 1 << 3;
/** The folded state says when the flow is over. */
export const SETTLING = 1 << 4;
/** The flow is over and was handed out: the slot stands for its tails alone. */
export const ENDED = 1 << 7;
/** Identical control segments in a row at the end of the transcript, 0 … 3. */
export const REPEATS_SHIFT = 5;
export const REPEATS_MASK = 3 << REPEATS_SHIFT;
export const ENTRY_COUNT_SHIFT = 8;
export const ENTRY_COUNT_ONE = 1 << ENTRY_COUNT_SHIFT;

/** Memory of the slots. IPv6 words lie in a side plane at the same slot, allocated when first needed. */
export class FlowSlots {
  readonly capacity: number;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  words: Int32Array | null = null;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.f64 = new Float64Array(capacity * FLOW.words);
    this.i32 = new Int32Array(this.f64.buffer);
  }

  wordPlane(): Int32Array {
    this.words ??= new Int32Array(this.capacity * 8);
    return this.words;
  }

  isUsed(slot: number): boolean {
    return ((this.i32[slot * FLOW.words * 2 + FLOW.offset.bits] as number) & USED) !== 0;
  }

  /** Copies a whole slot, into this table or another. */
  copy(from: number, target: FlowSlots, to: number): void {
    const source = from * FLOW.words;
    const destination = to * FLOW.words;
    for (let i = 0; i < FLOW.words; i++) target.f64[destination + i] = this.f64[source + i] as number;
    if (this.words !== null) {
      const plane = target.wordPlane();
      for (let i = 0; i < 8; i++) plane[to * 8 + i] = this.words[from * 8 + i] as number;
    }
  }

  clear(slot: number): void {
    const base = slot * FLOW.words;
    for (let i = 0; i < FLOW.words; i++) this.f64[base + i] = 0;
  }

  /** Starts the slot's transcript from nothing; its key stays. */
  restart(slot: number, order: number): void {
    const base = slot * FLOW.words * 2;
    const o = FLOW.offset;
    this.f64[slot * FLOW.words + o.order] = order;
    this.f64[slot * FLOW.words + o.lastAt] = Number.NEGATIVE_INFINITY;
    const i32 = this.i32;
    i32[base + o.bits] = (i32[base + o.bits] as number) & (USED | V6);
    i32[base + o.firstEntry] = NONE;
    i32[base + o.lastEntry] = NONE;
    i32[base + o.openRunA] = NONE;
    i32[base + o.openRunB] = NONE;
    i32[base + o.state] = NONE;
  }
}

/** One slot as the key of a flow, for the fold. */
export class SlotKey implements FlowKey {
  #slots: FlowSlots;
  #slot = 0;

  constructor(slots: FlowSlots) {
    this.#slots = slots;
  }

  at(slots: FlowSlots, slot: number): this {
    this.#slots = slots;
    this.#slot = slot;
    return this;
  }

  #field(offset: number): number {
    return this.#slots.i32[this.#slot * FLOW.words * 2 + offset] as number;
  }

  get ipv6(): boolean {
    return (this.#field(FLOW.offset.bits) & V6) !== 0;
  }
  get addressA(): number {
    return this.#field(FLOW.offset.addressA);
  }
  get addressB(): number {
    return this.#field(FLOW.offset.addressB);
  }
  get portA(): number {
    return this.#field(FLOW.offset.ports) >>> 16;
  }
  get portB(): number {
    return this.#field(FLOW.offset.ports) & 0xffff;
  }
  get tunnel(): number {
    return this.#field(FLOW.offset.tunnel);
  }
  get order(): number {
    return this.#slots.f64[this.#slot * FLOW.words + FLOW.offset.order] as number;
  }
  word(index: number): number {
    return this.#slots.words?.[this.#slot * 8 + index] ?? 0;
  }
}
