import { spawnSync } from "node:child_process";
import { appendFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { type CaptureOptions, openCaptures } from "../../src/capture/capture-set.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { chunksOf, copyOf, type RecordCopy } from "./read-records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const frame = (second: number, octets = 40) => ({
  at: 1_700_000_000_000_000_000n + BigInt(second) * 1_000_000_000n,
  octets: new Uint8Array(octets).fill(second),
});
const FRAMES = Array.from({ length: 20 }, (_, index) => frame(index, 10 * index));

/** Reads until `isEnough`, then as Ctrl-C would end it. Each record is told at once. */
async function follow(
  inputs: readonly ByteInput[],
  isEnough: (records: readonly RecordCopy[]) => boolean = () => false,
  options: CaptureOptions = { follow: { untilMillis: Number.POSITIVE_INFINITY } },
) {
  const abort = new AbortController();
  const records: RecordCopy[] = [];
  const set = await openCaptures(inputs, { ...options, signal: abort.signal });
  for await (const turn of set.turns()) {
    while (turn.next()) records.push(copyOf(turn.record));
    if (isEnough(records)) abort.abort();
  }
  return { records, captures: set.captures };
}

async function wholeOf(octets: Uint8Array): Promise<RecordCopy[]> {
  return (await follow([octets], undefined, {})).records;
}

/** Writes pieces that end anywhere, with pauses in between. */
async function writeInPieces(path: string, octets: Uint8Array): Promise<void> {
  for (const piece of chunksOf(octets, [7, 50, 1, 333, 16])) {
    await appendFile(path, piece);
    await sleep(3);
  }
}

describe("a file that is followed while it is being written reads like the whole", () => {
  it.each([
    ["pcap", pcapFile(FRAMES)],
    ["pcapng", pcapngFile(FRAMES)],
    ["gzip", gzipSync(pcapFile(FRAMES))],
  ])("%s, in pieces that end inside of records", async (_name, octets) => {
    const path = join(await temporaryFolder(), "a.pcap");
    await writeFile(path, "");
    const writing = writeInPieces(path, octets);
    const { records, captures } = await follow([path], ({ length }) => length === FRAMES.length);
    await writing;
    expect(records).toEqual(await wholeOf(octets));
    expect(captures[0]).toMatchObject({ packets: FRAMES.length, cutShort: false, problems: [] });
  });

  it("until a moment: what is there then counts", async () => {
    const path = join(await temporaryFolder(), "a.pcap");
    await writeFile(path, pcapFile(FRAMES).subarray(0, -5));
    const { records, captures } = await follow([path], undefined, { follow: { untilMillis: Date.now() + 50 } });
    expect(records).toHaveLength(FRAMES.length - 1);
    expect(captures[0]).toMatchObject({ cutShort: true });
  });

  it("not until a moment that is relative to what may never come", async () => {
    const until = { kind: "relative", nanos: 1n } as const;
    const message = "following a capture until then takes a date and a time, not one relative to it";
    await expect(analyzeCaptures([pcapFile(FRAMES)], { follow: true, until })).rejects.toThrow(
      expect.objectContaining({ code: "usage", message }),
    );
  });

  it("of several captures the newest is followed, the others are read to their ends", async () => {
    const folder = await temporaryFolder();
    const [first, second] = [join(folder, "a.pcap"), join(folder, "b.pcap")];
    await writeFile(second, pcapFile([frame(0)]));
    await writeFile(first, pcapFile([frame(10)]));
    const writing = sleep(50).then(() => appendFile(first, pcapFile([frame(20)]).subarray(24)));
    const { records } = await follow([first, second], ({ length }) => length === 3);
    await writing;
    expect(records.map(({ time }) => time / 1e9)).toEqual([0, 10, 20]);
  });
});

describe("a followed file that begins anew is read on from its new start", () => {
  const old = pcapFile([frame(0), frame(1)]);
  const inMidRecord = old.subarray(0, -3);
  const anew = pcapFile([frame(5, 9)]);
  const problem = {
    kind: "replaced",
    count: 1,
    message: "the file was replaced or cut off while it was followed: read on from its new start, frames count on",
  };

  it.each([
    ["renamed, and made again", "pcap", pcapFile],
    ["cut off, and written again", "pcap", pcapFile],
    ["renamed, and made again", "pcapng", pcapngFile],
  ] as const)("%s: %s", async (how, _name, file) => {
    const path = join(await temporaryFolder(), "a.pcap");
    const frames = [frame(0, 500), frame(1, 500)];
    await writeFile(path, file(frames).subarray(0, -20));
    const writing = sleep(50).then(async () => {
      if (how.startsWith("renamed")) await rename(path, `${path}.old`);
      else await truncate(path, 0);
      await appendFile(path, file([frame(5, 9)]));
    });
    const { records, captures } = await follow([path], ({ length }) => length === 2);
    await writing;
    expect(records.map(({ frame: number, octets }) => [number, octets.length / 2])).toEqual([
      [1, 500],
      [2, 9],
    ]);
    expect(captures[0]?.problems).toEqual([problem]);
  });

  it("what was written to the old file in the end is read first", async () => {
    const path = join(await temporaryFolder(), "a.pcap");
    await writeFile(path, inMidRecord);
    const writing = sleep(50).then(async () => {
      await rename(path, `${path}.old`);
      await appendFile(`${path}.old`, old.subarray(-3));
      await appendFile(path, anew);
    });
    const { records } = await follow([path], ({ length }) => length === 3);
    await writing;
    expect(records.map(({ octets }) => octets.length / 2)).toEqual([40, 40, 9]);
  });
});

describe("a pipe that stalls", () => {
  it.runIf(process.platform !== "win32")("loses nothing, also inside of a record", async () => {
    const path = join(await temporaryFolder(), "pipe");
    if (spawnSync("mkfifo", [path]).status !== 0) return;
    const octets = pcapFile(FRAMES);
    const { open } = await import("node:fs/promises");
    const writing = open(path, "w").then(async (pipe) => {
      for (const piece of chunksOf(octets, [30, 500, 3])) {
        await pipe.write(piece);
        await sleep(5);
      }
      await pipe.close();
    });
    const { records } = await follow([path]);
    await writing;
    expect(records).toEqual(await wholeOf(octets));
  });

  it("hands every record on before it waits for the next one", async () => {
    let seen = 0;
    const told: number[] = [];
    const octets = pcapFile(FRAMES);
    const pieces = (async function* () {
      for (const piece of chunksOf(octets, [100])) {
        yield piece;
        told.push(seen);
      }
    })();
    await follow([pieces], ({ length }) => {
      seen = length;
      return false;
    });
    expect(told.at(-2)).toBeGreaterThanOrEqual(FRAMES.length - 2);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });
});
