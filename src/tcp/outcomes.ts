import type { FlowKey } from "../transcript/fold.ts";
import { cursorClass, layout, Pool } from "../transcript/layout.ts";
import { CONVERSATION_WORDS, type Conversations, ConversationView } from "./conversation.ts";
import { historyOf } from "./historian.ts";
import type { FlowHistory } from "./history.ts";

/** Whose conversation it was, and what came after; the conversation itself follows. */
const HEAD = layout({
  /** Record number of the 4-tuple's first segment: what outcomes are sorted by. */
  order: "f64",
  /** When the next incarnation's SYN came; NaN when none did. */
  supersededAt: "f64",
  ipv6: "i32",
  addressA: "i32",
  addressB: "i32",
  portA: "i32",
  portB: "i32",
  tunnel: "i32",
  word0: "i32",
  word1: "i32",
  word2: "i32",
  word3: "i32",
  word4: "i32",
  word5: "i32",
  word6: "i32",
  word7: "i32",
});

const OUTCOME_WORDS = HEAD.words + CONVERSATION_WORDS;
const WORDS = ["word0", "word1", "word2", "word3", "word4", "word5", "word6", "word7"] as const;

const HeadCursor = cursorClass(HEAD);

/** Outcomes as they cross from one thread to another, or wait to be put in order. */
export interface OutcomeMemory {
  readonly memory: Float64Array<ArrayBuffer>;
  /** Their numbers, in the order they are to be told in. */
  readonly sorted: Int32Array<ArrayBuffer>;
}

/** Takes down how incarnations ended, as they stand when the replay lets go of them. */
export class OutcomeWriter {
  readonly #pool = new Pool(OUTCOME_WORDS);
  readonly #head = new HeadCursor(this.#pool);
  /** Of each outcome. */
  #orders: number[] = [];

  get count(): number {
    return this.#orders.length;
  }

  add(key: FlowKey, conversations: Conversations, supersededAt: number | null): void {
    const index = this.#pool.allocate();
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
    conversations.copyTo(this.#pool, index, HEAD.words);
    this.#orders.push(key.order);
  }

  /** What was added, by the first segments of the 4-tuples; those of one 4-tuple as they came. */
  take(): OutcomeMemory {
    const orders = this.#orders;
    const sorted = Int32Array.from(orders.keys()).sort((a, b) => (orders[a] ?? 0) - (orders[b] ?? 0) || a - b);
    const memory = this.#pool.slice(orders.length);
    this.#pool.freeAll();
    this.#orders = [];
    return { memory, sorted };
  }
}

/** Reads outcomes one by one. */
export class OutcomeReader {
  readonly #sorted: Int32Array;
  readonly #head: InstanceType<typeof HeadCursor>;
  readonly #conversation: ConversationView;
  #next = 0;

  constructor({ memory, sorted }: OutcomeMemory) {
    const pool = Pool.over(OUTCOME_WORDS, memory);
    this.#sorted = sorted;
    this.#head = new HeadCursor(pool);
    this.#conversation = new ConversationView(pool, HEAD.words);
    this.#stand();
  }

  get isAtEnd(): boolean {
    return this.#next === this.#sorted.length;
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
    this.#next++;
    this.#stand();
    return history;
  }

  #stand(): void {
    const index = this.#sorted.at(this.#next);
    if (index === undefined) return;
    this.#head.moveTo(index);
    this.#conversation.moveTo(index);
  }
}
