import { FlowTable } from "../flow/flow-table.ts";
import { type OutcomeList, OutcomeLog } from "../tcp/outcomes.ts";
import { Replay } from "../tcp/replay.ts";
import type { Fold } from "../transcript/fold.ts";
import { BATCH_ROWS, type SegmentBatch } from "../wire/segment-batch.ts";

/** Outcomes handed over together at the end of the input: enough that handing over costs nothing, few enough to be held. */
const OUTCOMES_TOGETHER = 512;

export interface ShardOptions {
  /** See `Replay`. */
  readonly settleNanosMin: number;
  /** Stands between the flow table and the replay, and sees the transcripts. */
  readonly watch?: ((replay: Fold) => Fold) | undefined;
}

/** Some of the flows, whole and in order: segments go in, outcomes come out at the end of every epoch. */
export class Shard {
  readonly #outcomes: OutcomeLog;
  readonly #table: FlowTable;

  constructor({ settleNanosMin, watch }: ShardOptions) {
    const replay = new Replay(
      (key, { inHand }, supersededAt) => this.#outcomes.add(key, inHand, supersededAt),
      settleNanosMin,
    );
    this.#outcomes = new OutcomeLog(replay.pool);
    this.#table = new FlowTable(watch?.(replay) ?? replay, BATCH_ROWS);
  }

  update(batch: SegmentBatch): void {
    this.#table.update(batch);
  }

  /** What is over when capture time has come to `now`. */
  endEpoch(now: number): OutcomeList {
    this.#table.sweep(now);
    return this.#outcomes.take();
  }

  /** All the rest. */
  *finish(): Generator<OutcomeList> {
    for (const _flow of this.#table.finish()) {
      if (this.#outcomes.count >= OUTCOMES_TOGETHER) yield this.#outcomes.take();
    }
    yield this.#outcomes.take();
  }
}
