import { setImmediate as nextTurn } from "node:timers/promises";
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { CloseWaitError } from "../errors.ts";
import { EpochClock } from "../flow/epoch-clock.ts";
import { NO_OUTCOMES, unpack } from "../tcp/outcomes.ts";
import { HASH_PARTS, type HashShare, SegmentBatch } from "../wire/segment-batch.ts";
import { OutcomeMerge } from "./outcome-merge.ts";
import { EPOCH_END, INPUT_END, Ring, SEGMENTS } from "./ring.ts";
import { Shard } from "./shard.ts";
import type { OutcomeMessage, ShardWorkerData } from "./shard-worker.ts";
import { EPOCHS_BEHIND, type Shards, type ShardsOptions } from "./shards.ts";

/** How long this thread sleeps when there is nothing to do but wait, before it looks around again. */
const WAIT_MILLISECONDS = 2;
/** After so many such sleeps in a row, timers, signals and the death of a worker get their turn. */
const WAITS_PER_TURN = 10;

const WORKER_FILE = new URL("./shard-worker.js", import.meta.url);

/** To decode and to tell is less than what a single worker does for all flows, so this thread takes this part of them. Measured. */
const OWN_SHARE = 0.22;

/** Shards in threads of their own, and one on this thread, which decodes and tells the histories in their order. */
export class WorkerShards implements Shards {
  readonly #clock = new EpochClock();
  readonly #ring: Ring;
  readonly #workers: readonly Worker[];
  readonly #own: Shard;
  readonly #ownShare: HashShare;
  readonly #ownBatch = new SegmentBatch();
  readonly #ports: readonly MessagePort[];
  readonly #merge: OutcomeMerge;
  readonly #beforeTelling: () => void;
  #epochsEnded = 0;
  #handedOver = 0;
  #failure: Error | null = null;
  #isClosing = false;
  batch: SegmentBatch;

  constructor(
    workerCount: number,
    { deliver, beforeTelling, ...options }: ShardsOptions,
    workerFile: URL = WORKER_FILE,
  ) {
    const ownParts = workerCount === 1 ? Math.round(HASH_PARTS * OWN_SHARE) : 0;
    const partsOf = (worker: number) => ownParts + Math.round(((HASH_PARTS - ownParts) * worker) / workerCount);
    this.#own = new Shard(options);
    this.#ownShare = { from: 0, to: ownParts };
    this.#ring = Ring.make(workerCount);
    this.batch = this.#ring.batch;
    this.#beforeTelling = beforeTelling;
    this.#merge = new OutcomeMerge(workerCount + 1, deliver);
    const channels = Array.from({ length: workerCount }, () => new MessageChannel());
    this.#ports = channels.map(({ port1 }) => port1);
    this.#workers = channels.map(({ port2 }, shard) => {
      const share = { from: partsOf(shard), to: partsOf(shard + 1) };
      const { settleNanosMin } = options;
      const workerData: ShardWorkerData = { ring: this.#ring.memory, shard, share, settleNanosMin, port: port2 };
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
    this.#updateOwn();
    if (endsEpoch) {
      this.#endOwnEpoch();
      this.#epochsEnded++;
      this.#beforeTelling();
    }
    this.#receive();
    return this.#moveOn() ? undefined : this.#waitUntil(() => this.#moveOn());
  }

  async finish(ready?: () => Promise<void> | undefined): Promise<void> {
    this.#clock.note(this.batch);
    this.#publish(INPUT_END);
    this.#updateOwn();
    this.#endOwnEpoch();
    for (const outcomes of this.#own.finish()) this.#merge.add(this.#ports.length, outcomes, "nothing");
    this.#merge.add(this.#ports.length, NO_OUTCOMES, "input");
    this.#epochsEnded = Number.POSITIVE_INFINITY;
    this.#beforeTelling();
    await this.#waitUntil(() => this.#merge.isFinished, ready);
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const port of this.#ports) port.close();
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #updateOwn(): void {
    this.#ownBatch.takeShare(this.#ownShare, this.batch);
    this.#own.update(this.#ownBatch);
  }

  #endOwnEpoch(): void {
    this.#merge.add(this.#ports.length, this.#own.endEpoch(this.#clock.now), "epoch");
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
        const { memory, ends } = received.message as OutcomeMessage;
        this.#merge.add(shard, unpack(memory), ends, () => this.#ring.giveCredit(shard));
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
