import { EpochClock } from "../flow/epoch-clock.ts";
import { type OutcomeList, OutcomeReader } from "../tcp/outcomes.ts";
import { SegmentBatch } from "../wire/segment-batch.ts";
import { Shard } from "./shard.ts";
import { EPOCHS_BEHIND, type Shards, type ShardsOptions } from "./shards.ts";

/** One shard on this thread. */
export class LocalShards implements Shards {
  readonly batch = new SegmentBatch();
  readonly #clock = new EpochClock();
  readonly #shard: Shard;
  readonly #deliver: ShardsOptions["deliver"];
  readonly #beforeTelling: () => void;
  /** Of epochs that were not told. */
  readonly #ended: OutcomeList[] = [];
  #handedOver = 0;

  constructor({ deliver, beforeTelling, ...options }: ShardsOptions) {
    this.#shard = new Shard(options);
    this.#deliver = deliver;
    this.#beforeTelling = beforeTelling;
  }

  get segments(): number {
    return this.#handedOver + this.batch.rows;
  }

  flush(): undefined {
    const { batch } = this;
    const isEpochOver = this.#clock.note(batch);
    this.#shard.update(batch);
    this.#handedOver += batch.rows;
    batch.rows = 0;
    if (isEpochOver) this.#endEpoch();
  }

  async finish(ready?: () => Promise<void> | undefined): Promise<void> {
    this.#clock.note(this.batch);
    this.#shard.update(this.batch);
    this.#endEpoch();
    for (const outcomes of this.#ended.splice(0)) this.#tell(outcomes);
    for (const outcomes of this.#shard.finish()) {
      this.#tell(outcomes);
      await ready?.();
    }
  }

  async close(): Promise<void> {
    // There is no thread to let go of.
  }

  #endEpoch(): void {
    this.#ended.push(this.#shard.endEpoch(this.#clock.now));
    if (this.#ended.length > EPOCHS_BEHIND) this.#tell(this.#ended.shift() as OutcomeList);
  }

  #tell(outcomes: OutcomeList): void {
    this.#beforeTelling();
    const reader = new OutcomeReader(outcomes);
    while (!reader.isAtEnd) this.#deliver(reader.read());
  }
}
