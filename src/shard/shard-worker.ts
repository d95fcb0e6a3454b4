import { type MessagePort, workerData } from "node:worker_threads";
import { NO_OUTCOMES, type OutcomeList, OutcomeMemory } from "../tcp/outcomes.ts";
import { SegmentBatch } from "../wire/segment-batch.ts";
import { CREDITS, INPUT_END, Ring, type RingMemory, SEGMENTS } from "./ring.ts";
import { Shard } from "./shard.ts";

/** What a worker is started with. */
export interface ShardWorkerData {
  readonly ring: RingMemory;
  readonly shard: number;
  readonly shardCount: number;
  readonly settleNanosMin: number;
  readonly port: MessagePort;
}

/** What a worker sends: outcomes, and what ends with them. */
export interface OutcomeMessage {
  readonly memory: Float64Array<SharedArrayBuffer>;
  readonly ends: "nothing" | "epoch" | "input";
}

/** One shard in a thread of its own, from the first batch to the end of the input. */
function run({ ring: ringMemory, shard, shardCount, settleNanosMin, port }: ShardWorkerData): void {
  const ring = new Ring(ringMemory);
  const worker = new Shard({ settleNanosMin });
  const share = new SegmentBatch();
  const memory = new OutcomeMemory(CREDITS);
  const send = (outcomes: OutcomeList, ends: OutcomeMessage["ends"]) => {
    ring.takeCredit(shard);
    const message: OutcomeMessage = { memory: memory.pack(outcomes), ends };
    port.postMessage(message);
  };
  let isOver = false;
  while (!isOver) {
    let epochEndsAt: number | null = null;
    const kind = ring.consume(shard, (batch, slotKind, now) => {
      if (slotKind !== SEGMENTS) epochEndsAt = now;
      if (shardCount === 1) {
        worker.update(batch);
        return;
      }
      share.takeShare(batch, shard, shardCount);
      worker.update(share);
    });
    if (epochEndsAt !== null) send(worker.endEpoch(epochEndsAt), "epoch");
    isOver = kind === INPUT_END;
  }
  for (const outcomes of worker.finish()) send(outcomes, "nothing");
  send(NO_OUTCOMES, "input");
}

run(workerData as ShardWorkerData);
