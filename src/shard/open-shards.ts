import { availableParallelism } from "node:os";
import { LocalShards } from "./local-shards.ts";
import type { Shards, ShardsOptions } from "./shards.ts";
import { WorkerShards } from "./worker-shards.ts";

/**
 * With less input than this one thread is done as soon: a second one has to start, and to compile the same code again. Measured, two threads
 * against one: 90 MB of small packets 1.3, 400 MB 1, 700 MB 0.87; 1.3 GB of packets in full 1.2.
 */
const WORTH_THREADS_OCTETS = 2 ** 30;

/** More threads than this wait for the decoder. */
const DEFAULT_THREADS_MAX = 4;

/** Node 20 starts workers from JavaScript only: run from the sources, all work is done on one thread. */
const CAN_START_WORKERS = import.meta.url.endsWith(".js");

export interface OpenShardsOptions extends ShardsOptions {
  /** Threads, the decoder's included; undefined: what suits the machine and the input. */
  readonly threads: number | undefined;
  /** Size of the input as it is stored; null when it is not known. */
  readonly inputOctets: number | null;
}

/** One thread decodes; others, if there are, do the rest. Who watches transcripts does so on this thread. */
export function openShards({ threads, inputOctets, ...options }: OpenShardsOptions): Shards {
  const usual = inputOctets === null || inputOctets >= WORTH_THREADS_OCTETS ? usualThreads() : 1;
  const shardCount = options.watch === undefined && CAN_START_WORKERS ? (threads ?? usual) - 1 : 0;
  return shardCount > 0 ? new WorkerShards(shardCount, options) : new LocalShards(options);
}

const usualThreads = (): number => Math.min(availableParallelism(), DEFAULT_THREADS_MAX);
