import { NONE } from "../transcript/entries.ts";
import type { FlowKey } from "../transcript/fold.ts";
import { layout, Pool } from "../transcript/layout.ts";
import { IPV6, type SegmentBatch } from "../wire/segment-batch.ts";

/** One flow of the table: 64 octets, one cache line. */
export const FLOW = layout(
  {
    lastAt: "f64",
    /** When the flow is over, going by what was folded: Infinity while anything may still happen. */
    overAt: "f64",
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
  },
  { words: 8 },
);

/** Bits of `bits`; the number of entries stands above ENTRY_COUNT_SHIFT. */
export const USED = 1 << 0;
export const V6 = 1 << 1;
/** A FIN was sent by A, by B: both together only trigger a fold, the truth is replay's. */
export const FIN_A = 1 << 2;
export const FIN_B = 1 << 3;
/** The folded state says when the flow is over: `overAt` is finite. */
export const SETTLING = 1 << 4;
/** The flow is over and was handed out: the record waits for the next sweep to remember its tails. */
export const ENDED = 1 << 7;
/** Identical control segments in a row at the end of the transcript, 0 … 3. */
export const REPEATS_SHIFT = 5;
export const REPEATS_MASK = 3 << REPEATS_SHIFT;
/** What the open run of A, of B, asked was answered, which the run itself is told when it is next written to. */
export const ANSWERED_A = 1 << 8;
export const ANSWERED_B = 1 << 9;
export const ENTRY_COUNT_SHIFT = 10;
export const ENTRY_COUNT_ONE = 1 << ENTRY_COUNT_SHIFT;

const WORDS = FLOW.words;
const { lastAt: LAST_AT, overAt: OVER_AT, addressA: ADDRESS_A, addressB: ADDRESS_B, ports: PORTS } = FLOW.offset;
const { tunnel: TUNNEL, hash: HASH, bits: BITS, state: STATE } = FLOW.offset;
const { firstEntry: FIRST_ENTRY, lastEntry: LAST_ENTRY, openRunA: OPEN_RUN_A, openRunB: OPEN_RUN_B } = FLOW.offset;

const ADDRESS_WORDS = 8;

/** The flows of a table. What few of them need, or only at their beginning and end, lies in planes beside the records. */
export class FlowRecords {
  readonly pool = new Pool(WORDS);
  /** Record number of each flow's first segment. */
  orders = new Float64Array(0);
  /** The words of IPv6 addresses; there from the first such flow on. */
  words = new Int32Array(0);

  /** A new flow with the key of this row, and an empty transcript. */
  add(batch: SegmentBatch, row: number): number {
    const flow = this.pool.allocate();
    const base = flow * WORDS * 2;
    const { i32 } = this.pool;
    const ipv6 = ((batch.traits[row] as number) & IPV6) !== 0;
    i32[base + BITS] = ipv6 ? USED | V6 : USED;
    i32[base + ADDRESS_A] = batch.addressA[row] as number;
    i32[base + ADDRESS_B] = batch.addressB[row] as number;
    i32[base + PORTS] = batch.ports[row] as number;
    i32[base + TUNNEL] = batch.tunnel[row] as number;
    i32[base + HASH] = batch.hash[row] as number;
    if (flow >= this.orders.length) this.orders = grown(this.orders, new Float64Array(this.pool.capacity));
    if (ipv6) this.#setWords(flow, batch.words, row);
    this.restart(flow, batch.order[row] as number);
    return flow;
  }

  /** A new flow with the record of another table's. */
  addCopy(from: FlowRecords, fromFlow: number): number {
    const flow = this.pool.allocate();
    this.pool.copy(from.pool, fromFlow, flow);
    if (((this.pool.i32[flow * WORDS * 2 + BITS] as number) & V6) !== 0) this.#setWords(flow, from.words, fromFlow);
    return flow;
  }

  #setWords(flow: number, words: Int32Array, place: number): void {
    const end = (flow + 1) * ADDRESS_WORDS;
    if (end > this.words.length) this.words = grown(this.words, new Int32Array(this.pool.capacity * ADDRESS_WORDS));
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      this.words[flow * ADDRESS_WORDS + i] = words[place * ADDRESS_WORDS + i] as number;
    }
  }

  /** Whether the flow has the key of this row. */
  hasKey(flow: number, batch: SegmentBatch, row: number): boolean {
    const base = flow * WORDS * 2;
    const { i32 } = this.pool;
    const ipv6 = ((batch.traits[row] as number) & IPV6) !== 0;
    return (
      i32[base + ADDRESS_A] === batch.addressA[row] &&
      i32[base + ADDRESS_B] === batch.addressB[row] &&
      i32[base + PORTS] === batch.ports[row] &&
      i32[base + TUNNEL] === batch.tunnel[row] &&
      (((i32[base + BITS] as number) & V6) !== 0) === ipv6 &&
      (!ipv6 || this.#hasWords(flow, batch, row))
    );
  }

  /** The hashes of the IPv6 addresses agree already; the words make it certain. */
  #hasWords(flow: number, batch: SegmentBatch, row: number): boolean {
    for (let i = 0; i < ADDRESS_WORDS; i++) {
      if (this.words[flow * ADDRESS_WORDS + i] !== batch.words[row * ADDRESS_WORDS + i]) return false;
    }
    return true;
  }

  /** Starts the flow's transcript from nothing; its key stays. */
  restart(flow: number, order: number): void {
    const { f64, i32 } = this.pool;
    const base = flow * WORDS * 2;
    this.orders[flow] = order;
    f64[flow * WORDS + LAST_AT] = Number.NEGATIVE_INFINITY;
    f64[flow * WORDS + OVER_AT] = Number.POSITIVE_INFINITY;
    i32[base + BITS] = (i32[base + BITS] as number) & (USED | V6);
    i32[base + STATE] = NONE;
    this.clearTranscript(flow);
  }

  /** Forgets the entries, which are freed. */
  clearTranscript(flow: number): void {
    const { i32 } = this.pool;
    const base = flow * WORDS * 2;
    i32[base + BITS] = (i32[base + BITS] as number) & (ENTRY_COUNT_ONE - 1) & ~(ANSWERED_A | ANSWERED_B);
    i32[base + FIRST_ENTRY] = NONE;
    i32[base + LAST_ENTRY] = NONE;
    i32[base + OPEN_RUN_A] = NONE;
    i32[base + OPEN_RUN_B] = NONE;
  }

  remove(flow: number): void {
    this.pool.i32[flow * WORDS * 2 + BITS] = 0;
    this.pool.free(flow);
  }

  isUsed(flow: number): boolean {
    return ((this.pool.i32[flow * WORDS * 2 + BITS] as number) & USED) !== 0;
  }

  /** Every flow has a lower number. */
  get end(): number {
    return this.pool.end;
  }

  lastAtOf(flow: number): number {
    return this.pool.f64[flow * WORDS + LAST_AT] as number;
  }

  setLastAt(flow: number, at: number): void {
    this.pool.f64[flow * WORDS + LAST_AT] = at;
  }

  hashOf(flow: number): number {
    return this.pool.i32[flow * WORDS * 2 + HASH] as number;
  }

  /** All flows, in the order of their first records. */
  inOrder(): Int32Array {
    const flows = new Int32Array(this.pool.live);
    let count = 0;
    for (let flow = 0; flow < this.pool.end; flow++) if (this.isUsed(flow)) flows[count++] = flow;
    const { orders } = this;
    return flows.sort((a, b) => (orders[a] as number) - (orders[b] as number));
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** One flow's record as the key of a transcript, for the fold. */
export class RecordKey implements FlowKey {
  readonly #records: FlowRecords;
  #flow = 0;

  constructor(records: FlowRecords) {
    this.#records = records;
  }

  at(flow: number): this {
    this.#flow = flow;
    return this;
  }

  #field(offset: number): number {
    return this.#records.pool.i32[this.#flow * WORDS * 2 + offset] as number;
  }

  get ipv6(): boolean {
    return (this.#field(BITS) & V6) !== 0;
  }
  get addressA(): number {
    return this.#field(ADDRESS_A);
  }
  get addressB(): number {
    return this.#field(ADDRESS_B);
  }
  get portA(): number {
    return this.#field(PORTS) >>> 16;
  }
  get portB(): number {
    return this.#field(PORTS) & 0xffff;
  }
  get tunnel(): number {
    return this.#field(TUNNEL);
  }
  get order(): number {
    return this.#records.orders[this.#flow] as number;
  }
  word(index: number): number {
    return this.#records.words[this.#flow * ADDRESS_WORDS + index] as number;
  }
}
