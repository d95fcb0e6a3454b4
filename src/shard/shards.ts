import type { FlowHistory } from "../tcp/history.ts";
import type { SegmentBatch } from "../wire/segment-batch.ts";
import type { ShardOptions } from "./shard.ts";

/**
 * Where segments become histories: on this thread, or on others. Any number of threads gives the same histories in the same order:
 * epoch by epoch, and in each by the first segments of the 4-tuples.
 */
export interface Shards {
  /** The batch to be filled. Another one after each `flush()`. */
  readonly batch: SegmentBatch;
  /** Segments handed over so far, and those in the batch. */
  readonly segments: number;
  /** Hands the batch over. What it returns is to be awaited before anything else is done. */
  flush(): Promise<void> | undefined;
  /** No more segments will come. Resolves when all histories were handed out; in between waits for what `ready` returns. */
  finish(ready?: () => Promise<void> | undefined): Promise<void>;
  /** Lets go of threads, however it ended. */
  close(): Promise<void>;
}

/**
 * The outcomes of an epoch are told when so many more have ended. So they are told at the same places of the input however long a thread takes
 * to come up with them, and what the reader knows by then is the same.
 */
export const EPOCHS_BEHIND = 2;

export interface ShardsOptions extends ShardOptions {
  /** Called before the outcomes of each epoch are told. */
  readonly beforeTelling: () => void;
  readonly deliver: (history: FlowHistory) => void;
}
