import type { FlowHistory } from "../tcp/history.ts";
import { OutcomeReader, unpack } from "../tcp/outcomes.ts";
import type { OutcomeMessage } from "./shard-worker.ts";

interface Part {
  readonly reader: OutcomeReader;
  readonly ends: OutcomeMessage["ends"];
  readonly onRead: () => void;
}

/** Puts the outcomes of all shards into one order: epoch by epoch, in each by the first segments of the 4-tuples. */
export class OutcomeMerge {
  /** What has come of each shard and was not yet told. */
  readonly #queues: readonly Part[][];
  readonly #deliver: (history: FlowHistory) => void;
  /** Shards of which the whole epoch was told. */
  readonly #told = new Set<readonly Part[]>();
  isFinished = false;
  /** Epochs that were told. */
  epochs = 0;

  constructor(shardCount: number, deliver: (history: FlowHistory) => void) {
    this.#queues = Array.from({ length: shardCount }, () => []);
    this.#deliver = deliver;
  }

  /** `onRead` is called when all of the message was told. */
  add(shard: number, message: OutcomeMessage, onRead: () => void): void {
    this.#queues[shard]?.push({ reader: new OutcomeReader(unpack(message.memory)), ends: message.ends, onRead });
  }

  /** Tells what can be told of the first `epochs`: the next outcome is known when every shard has one, or has ended the epoch. */
  tell(epochs: number): void {
    while (this.epochs < epochs) {
      let next: OutcomeReader | null = null;
      for (const queue of this.#queues) {
        this.#dropRead(queue);
        if (this.#told.has(queue)) continue;
        const [head] = queue;
        if (head === undefined) return;
        if (next === null || head.reader.order < next.order) next = head.reader;
      }
      if (next === null) {
        this.#told.clear();
        this.epochs++;
      } else this.#deliver(next.read());
    }
  }

  #dropRead(queue: Part[]): void {
    while (!this.#told.has(queue) && queue[0]?.reader.isAtEnd) {
      const { ends, onRead } = queue.shift() as Part;
      onRead();
      if (ends !== "nothing") this.#told.add(queue);
      if (ends === "input" && this.#told.size === this.#queues.length) this.isFinished = true;
    }
  }
}
