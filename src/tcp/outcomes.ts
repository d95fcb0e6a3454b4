import type { FlowKey } from "../transcript/fold.ts";
import { cursorClass, Pool } from "../transcript/layout.ts";
import { ConversationView, HEAD, RECORD_WORDS } from "./conversation.ts";
import { historyOf } from "./historian.ts";
import type { FlowHistory } from "./history.ts";

const WORDS = ["word0", "word1", "word2", "word3", "word4", "word5", "word6", "word7"] as const;

/** The next outcomes in a buffer may be a few more. */
const SPARE = 1.25;

/** A buffer is kept although its next outcomes are far fewer: 4 MB. */
const KEPT_WORDS = 2 ** 19;

const HeadCursor = cursorClass(HEAD);

/** Outcomes in the order they are to be told in: records of a pool. */
export interface OutcomeList {
  readonly pool: Pool;
  readonly indices: Int32Array;
}

export const NO_OUTCOMES: OutcomeList = { pool: new Pool(RECORD_WORDS), indices: new Int32Array(0) };

/** Takes down how incarnations ended, as they stand when the replay lets go of them. */
export class OutcomeLog {
  readonly #pool: Pool;
  readonly #head: InstanceType<typeof HeadCursor>;
  #indices: number[] = [];

  /** `pool`: the records that the replay writes. */
  constructor(pool: Pool) {
    this.#pool = pool;
    this.#head = new HeadCursor(pool);
  }

  get count(): number {
    return this.#indices.length;
  }

  /** Takes over a record. */
  add(key: FlowKey, index: number, supersededAt: number | null): void {
    const head = this.#head.moveTo(index);
    head.order = key.order;
    head.supersededAt = supersededAt ?? Number.NaN;
    head.ipv6 = key.ipv6 ? 1 : 0;
    head.addressA = key.addressA;
    head.addressB = key.addressB;
    head.portA = key.portA;
    head.portB = key.portB;
    head.tunnel = key.tunnel;
    if (key.ipv6) for (const [number, word] of WORDS.entries()) head[word] = key.word(number);
    this.#indices.push(index);
  }

  /** What was added, by the first segments of the 4-tuples; those of one 4-tuple as they came. */
  take(): OutcomeList {
    const outcomes = this.#indices.map((index) => ({ index, order: this.#head.moveTo(index).order }));
    outcomes.sort((a, b) => a.order - b.order);
    this.#indices = [];
    return { pool: this.#pool, indices: Int32Array.from(outcomes, ({ index }) => index) };
  }
}

/**
 * Memory in which outcomes cross from one thread to another: buffers in turn. It is shared and not transferred, since V8 looks before every
 * access to any typed array whether that is still there, once a thread has let go of a single buffer.
 */
export class OutcomeMemory {
  readonly #buffers: Float64Array<SharedArrayBuffer>[];
  #next = 0;

  /** `count`: outcomes that may be under way at a time. */
  constructor(count: number) {
    this.#buffers = Array.from({ length: count }, () => new Float64Array(new SharedArrayBuffer(0)));
  }

  /** Writes outcomes over those that were packed `count` times ago; their records are free again. */
  pack({ pool, indices }: OutcomeList): Float64Array<SharedArrayBuffer> {
    const turn = this.#next++ % this.#buffers.length;
    const words = indices.length * RECORD_WORDS;
    let buffer = this.#buffers[turn];
    const isTooLarge = buffer !== undefined && buffer.length > Math.max(KEPT_WORDS, words * 4);
    if (buffer === undefined || buffer.length < words || isTooLarge) {
      buffer = new Float64Array(new SharedArrayBuffer(Math.ceil(words * SPARE) * 8));
      this.#buffers[turn] = buffer;
    }
    pool.copyInto(buffer, indices);
    for (const index of indices) pool.free(index);
    return buffer.subarray(0, words);
  }
}

export function unpack(memory: Float64Array): OutcomeList {
  const pool = Pool.over(RECORD_WORDS, memory);
  return { pool, indices: Int32Array.from({ length: pool.capacity }, (_, index) => index) };
}

/** Reads outcomes one by one, and frees their records. */
export class OutcomeReader {
  readonly #pool: Pool;
  readonly #indices: Int32Array;
  readonly #head: InstanceType<typeof HeadCursor>;
  readonly #conversation: ConversationView;
  #next = 0;

  constructor({ pool, indices }: OutcomeList) {
    this.#pool = pool;
    this.#indices = indices;
    this.#head = new HeadCursor(pool);
    this.#conversation = new ConversationView(pool);
    this.#stand();
  }

  get isAtEnd(): boolean {
    return this.#next === this.#indices.length;
  }

  /** Of the outcome it stands on. */
  get order(): number {
    return this.#head.order;
  }

  /** The outcome it stands on, as a history; steps on to the next one. */
  read(): FlowHistory {
    const head = this.#head;
    const key: FlowKey = {
      ipv6: head.ipv6 === 1,
      addressA: head.addressA,
      addressB: head.addressB,
      portA: head.portA,
      portB: head.portB,
      tunnel: head.tunnel,
      order: head.order,
      word: (number) => head[WORDS[number as 0]],
    };
    const supersededAt = Number.isNaN(head.supersededAt) ? null : head.supersededAt;
    const history = historyOf(key, this.#conversation, supersededAt);
    this.#pool.free(head.index);
    this.#next++;
    this.#stand();
    return history;
  }

  #stand(): void {
    const index = this.#indices.at(this.#next);
    if (index === undefined) return;
    this.#head.moveTo(index);
    this.#conversation.moveTo(index);
  }
}
