import { expect, it } from "vitest";
import { WorkerShards } from "../../src/shard/worker-shards.ts";

const worker = (script: string) => new URL(`data:text/javascript,${encodeURIComponent(script)}`);
const OPTIONS = { settleNanosMin: 4e9, beforeTelling: () => undefined, deliver: () => undefined };

it.each([
  ["throws", "throw new Error('out of luck')", "a worker thread died: out of luck; try --threads 1"],
  ["exits", "process.exit(3)", "a worker thread died: it ended with code 3; try --threads 1"],
])("a worker that %s is an error, not a hang", async (_, script, message) => {
  const shards = new WorkerShards(2, OPTIONS, worker(script));
  await expect(shards.finish()).rejects.toMatchObject({ code: "worker-failed", message });
  await shards.close();
});
