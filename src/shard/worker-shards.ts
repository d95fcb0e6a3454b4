import { setImmediate as nextTurn } from "node:timers/promises";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { CloseWaitError } from "../errors.ts";
import { EpochClock } from "../flow/epoch-clock.ts";
import type { SegmentBatch } from "../wire/segment-batch.ts";
import { OutcomeMerge } from "./outcome-merge.ts";
import { EPOCH_END, INPUT_END, Ring, SEGMENTS } from "./ring.ts";
import type { OutcomeMessage, ShardWorkerData } from "./shard-worker.ts";
import { EPOCHS_BEHIND, type Shards, type ShardsOptions } from "./shards.ts";

/** How long this thread sleeps when there is nothing to do but wait, before it looks around again. */
const WAIT_MILLISECONDS = 2;
/** After so many such sleeps in a row, timers, signals and the death of a worker get their turn. */
const WAITS_PER_TURN = 10;

const WORKER_FILE = new URL("./shard-worker.js", import.meta.url);

/** Shards in threads of their own. This thread decodes, and tells the histories in their order. */
export class WorkerShards implements Shards {
  readonly #clock = new EpochClock();
  readonly #ring: Ring;
  readonly #workers: readonly Worker[];
  readonly #ports: readonly MessagePort[];
  readonly #merge: OutcomeMerge;
  readonly #beforeTelling: () => void;
  #epochsEnded = 0;
  #handedOver = 0;
  #failure: Error | null = null;
  #isClosing = false;
  batch: SegmentBatch;

  constructor(
    shardCount: number,
    { settleNanosMin, deliver, beforeTelling }: ShardsOptions,
    workerFile: URL = WORKER_FILE,
  ) {
    this.#ring = Ring.make(shardCount);
    this.batch = this.#ring.batch;
    this.#beforeTelling = beforeTelling;
    this.#merge = new OutcomeMerge(shardCount, deliver);
    const channels = Array.from({ length: shardCount }, () => new MessageChannel());
    this.#ports = channels.map(({ port1 }) => port1);
    this.#workers = channels.map(({ port2 }, shard) => {
      const workerData: ShardWorkerData = { ring: this.#ring.memory, shard, shardCount, settleNanosMin, port: port2 };
      const name = `closewait shard ${shard}`;
      // Not the options of whoever uses the library: with --input-type, or loaders of a test runner, a worker would not start.
      const worker = new Worker(workerFile, { workerData, transferList: [port2], name, execArgv: [] });
      worker.on("error", (error) => this.#fail(error));
      worker.on("exit", (code) => code !== 0 && this.#fail(new Error(`it ended with code ${code}`)));
      return worker;
    });
  }

  get segments(): number {
    return this.#handedOver + this.batch.rows;
  }

  flush(): Promise<void> | undefined {
    const endsEpoch = this.#clock.note(this.batch);
    this.#publish(endsEpoch ? EPOCH_END : SEGMENTS);
    if (endsEpoch) {
      this.#epochsEnded++;
      this.#beforeTelling();
    }
    this.#receive();
    return this.#moveOn() ? undefined : this.#waitUntil(() => this.#moveOn());
  }

  async finish(ready?: () => Promise<void> | undefined): Promise<void> {
    this.#clock.note(this.batch);
    this.#publish(INPUT_END);
    this.#epochsEnded = Number.POSITIVE_INFINITY;
    this.#beforeTelling();
    await this.#waitUntil(() => this.#merge.isFinished, ready);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const port of this.#ports) port.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #publish(kind: typeof SEGMENTS | typeof EPOCH_END | typeof INPUT_END): void {
    this.#handedOver += this.batch.rows;
    this.#ring.publish(kind, this.#clock.now);
  }

  /** Takes the next batch of the ring, if all shards have let go of it, and what is due was told. */
  #moveOn(): boolean {
    if (this.#ring.laggard !== null || this.#merge.epochs < this.#epochsEnded - EPOCHS_BEHIND) return false;
    this.batch = this.#ring.batch;
    this.batch.rows = 0;
    return true;
  }

  /** Takes what has come, and tells what is due. Whether anything had come. */
  #receive(): boolean {
    let any = false;
    for (const [shard, port] of this.#ports.entries()) {
      for (let received = receiveMessageOnPort(port); received; received = receiveMessageOnPort(port)) {
        any = true;
        this.#merge.add(shard, received.message as OutcomeMessage, () => this.#ring.giveCredit(shard));
      }
    }
    this.#merge.tell(this.#epochsEnded - EPOCHS_BEHIND);
    return any;
  }

  /** A worker that dies is an error, not a hang. */
  async #waitUntil(isDone: () => boolean, ready?: () => Promise<void> | undefined): Promise<void> {
    let waits = 0;
    while (!isDone()) {
      if (this.#failure !== null) throw this.#failure;
      if (this.#receive()) {
        await ready?.();
        continue;
      }
      this.#ring.waitFor(this.#ring.laggard ?? 0, WAIT_MILLISECONDS);
      waits = (waits + 1) % WAITS_PER_TURN;
      if (waits === 0) await nextTurn();
    }
  }

  #fail(cause: Error): void {
    if (this.#isClosing) return;
    this.#failure ??= new CloseWaitError(
      "worker-failed",
      `a worker thread died: ${cause.message}; try --threads 1`,
      {},
      cause,
    );
  }
}
