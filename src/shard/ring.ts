import { SegmentBatch } from "../wire/segment-batch.ts";

/** Batches on their way from the decoder to the shards. Enough that neither waits for a moment's delay of the other; 2 MB. */
const SLOT_COUNT = 32;

/** Words of the control block; then one of `consumed` and one of `credits` per shard. */
const WRITTEN = 0;
const FIRST_SHARD = 1;
const PER_SHARD = 2;

/** What a slot is for. */
export const SEGMENTS = 0;
export const EPOCH_END = 1;
export const INPUT_END = 2;
export type SlotKind = typeof SEGMENTS | typeof EPOCH_END | typeof INPUT_END;

/** Messages a shard may have sent that were not yet told: of the epochs that are held back, and one more. Each holds memory. */
export const CREDITS = 4;

/** The shared memory of a ring, as it is passed to a worker. */
export interface RingMemory {
  readonly slots: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly notes: SharedArrayBuffer;
}

/** What stands beside a slot: its kind, the rows of its batch, how far capture time has come. */
const NOTE_WORDS = 3;

/**
 * A ring of batches in shared memory: one writer, and readers that each see every batch. Counters only grow; slot n is number n modulo SLOT_COUNT.
 */
export class Ring {
  readonly memory: RingMemory;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #notes: Float64Array<SharedArrayBuffer>;
  readonly #batches: readonly SegmentBatch[];
  readonly #shardCount: number;

  constructor(memory: RingMemory) {
    this.memory = memory;
    this.#control = new Int32Array(memory.control);
    this.#notes = new Float64Array(memory.notes);
    this.#batches = Array.from(
      { length: SLOT_COUNT },
      (_, slot) => new SegmentBatch(memory.slots, slot * SegmentBatch.octets),
    );
    this.#shardCount = (this.#control.length - FIRST_SHARD) / PER_SHARD;
  }

  static make(shardCount: number): Ring {
    return new Ring({
      slots: new SharedArrayBuffer(SLOT_COUNT * SegmentBatch.octets),
      control: new SharedArrayBuffer((FIRST_SHARD + PER_SHARD * shardCount) * 4),
      notes: new SharedArrayBuffer(SLOT_COUNT * NOTE_WORDS * 8),
    });
  }

  /** The batch that is written next. */
  get batch(): SegmentBatch {
    return this.#batchOf(this.#written);
  }

  get #written(): number {
    return Atomics.load(this.#control, WRITTEN);
  }

  #batchOf(number: number): SegmentBatch {
    return this.#batches[(number >>> 0) % SLOT_COUNT] as SegmentBatch;
  }

  /** Hands the batch over to all shards. */
  publish(kind: SlotKind, now: number): void {
    const written = this.#written;
    this.#notes.set([kind, this.batch.rows, now], ((written >>> 0) % SLOT_COUNT) * NOTE_WORDS);
    Atomics.store(this.#control, WRITTEN, written + 1);
    Atomics.notify(this.#control, WRITTEN);
  }

  /** A shard that has not yet let go of the batch that is written next; null when there is none. */
  get laggard(): number | null {
    const written = this.#written;
    for (let shard = 0; shard < this.#shardCount; shard++) {
      const consumed = Atomics.load(this.#control, FIRST_SHARD + shard * PER_SHARD);
      if (((written - consumed) | 0) >= SLOT_COUNT) return shard;
    }
    return null;
  }

  /** Waits a while for a shard to let go of a batch. */
  waitFor(shard: number, milliseconds: number): void {
    const place = FIRST_SHARD + shard * PER_SHARD;
    Atomics.wait(this.#control, place, Atomics.load(this.#control, place), milliseconds);
  }

  /** The shard sent a message that was now taken. */
  giveCredit(shard: number): void {
    const place = FIRST_SHARD + shard * PER_SHARD + 1;
    Atomics.sub(this.#control, place, 1);
    Atomics.notify(this.#control, place);
  }

  /** Waits until the shard may send one more message. */
  takeCredit(shard: number): void {
    const place = FIRST_SHARD + shard * PER_SHARD + 1;
    for (let sent = Atomics.load(this.#control, place); sent >= CREDITS; sent = Atomics.load(this.#control, place)) {
      Atomics.wait(this.#control, place, sent);
    }
    Atomics.add(this.#control, place, 1);
  }

  /** Waits for the next batch and has a shard use it, then lets go of it. Returns what the slot was for. */
  consume(shard: number, use: (batch: SegmentBatch, kind: SlotKind, now: number) => void): SlotKind {
    const place = FIRST_SHARD + shard * PER_SHARD;
    const consumed = Atomics.load(this.#control, place);
    while (this.#written === consumed) Atomics.wait(this.#control, WRITTEN, consumed);
    const batch = this.#batchOf(consumed);
    const [kind, rows, now] = this.#notes.subarray(((consumed >>> 0) % SLOT_COUNT) * NOTE_WORDS) as unknown as [
      SlotKind,
      number,
      number,
    ];
    batch.rows = rows;
    use(batch, kind, now);
    Atomics.store(this.#control, place, consumed + 1);
    Atomics.notify(this.#control, place);
    return kind;
  }
}
