import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { type CaptureOptions, openCaptures } from "../../src/capture/capture-set.ts";
import { resolveInputs } from "../../src/capture/inputs.ts";
import { unzstd } from "../../src/capture/unzstd.ts";
import { CloseWaitError } from "../../src/errors.ts";
import { pcapFile } from "../build/captures.ts";
import { concat } from "../build/octets.ts";
import {
  children,
  isInstalled,
  packed,
  skippable,
  withPrograms,
  ZSTD_DECODERS,
  zstdBomb,
  zstdStored,
} from "./compressed.ts";
import { chunksOf, copyOf } from "./read-records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const START = 1_700_000_000_000_000_000n;

/** Octets that do not compress well, the same ones every time. */
function noise(length: number): Uint8Array {
  let state = 1;
  return new Uint8Array(length).map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
}

function captureOf(recordCount: number): Uint8Array {
  const octets = noise(recordCount * 1000);
  const frame = (_: unknown, index: number) => ({
    at: START + BigInt(index) * 1000n,
    octets: octets.subarray(index * 1000, index * 1000 + 1000),
  });
  return pcapFile(Array.from({ length: recordCount }, frame));
}

const PLAIN = pcapFile(
  Array.from({ length: 400 }, (_, index) => ({ at: START + BigInt(index) * 1_000_000n, octets: noise(index) })),
);
const BIG = captureOf(10_000);

async function readAll(input: ByteInput, options?: CaptureOptions) {
  const set = await openCaptures([input], options);
  const records: ReturnType<typeof copyOf>[] = [];
  for await (const turn of set.turns()) {
    while (turn.next()) records.push(copyOf(turn.record));
  }
  const summary = set.captures[0];
  if (!summary) throw new Error("no capture");
  return { records, summary };
}

async function* streamed(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  yield* chunksOf(octets, [size]);
}

const { records: RECORDS } = await readAll(PLAIN);
const CAVEAT = {
  kind: "compression-unchecked",
  count: 1,
  message:
    "decompressed with the package fzstd, which cannot notice damaged data; install zstd, or use Node.js 22.15 or newer",
};

interface Way {
  readonly name: string;
  readonly compression: "zstd" | "lz4";
  readonly options: CaptureOptions;
  /** Notices every damaged octet. */
  readonly isChecked: boolean;
  readonly pack: (octets: Uint8Array) => Uint8Array;
}

const packZstd = isInstalled("zstd") ? (octets: Uint8Array) => packed("zstd", octets) : zstdStored;
const WAYS: readonly Way[] = [
  ...ZSTD_DECODERS.map(
    (decoder): Way => ({
      name: `zstd by ${decoder}`,
      compression: "zstd",
      options: { zstdBy: [decoder] },
      isChecked: decoder !== "fzstd" && isInstalled("zstd"),
      pack: packZstd,
    }),
  ),
  ...(isInstalled("lz4")
    ? [
        {
          name: "lz4",
          compression: "lz4",
          options: {},
          isChecked: true,
          pack: (octets: Uint8Array) => packed("lz4", octets, "-B4", "-BX"),
        } as const,
      ]
    : []),
];

afterEach(async () => expect(await children()).toEqual([]));

describe.each(WAYS)("$name", ({ compression, options, isChecked, pack }) => {
  const whole = pack(PLAIN);
  const big = pack(BIG);
  const several = concat(
    skippable(100),
    pack(PLAIN.subarray(0, 5000)),
    pack(PLAIN.subarray(0, 0)),
    skippable(9),
    pack(PLAIN.subarray(5000)),
  );
  const problems = options.zstdBy?.includes("fzstd") ? [CAVEAT] : [];

  it.each<[string, () => ByteInput]>([
    ["memory", () => whole],
    ["several frames, and skippable ones", () => several],
    ["zeros behind the last frame", () => concat(whole, new Uint8Array(700))],
    ["a stream of single octets", () => streamed(several, 1)],
    ["a Node stream", () => Readable.from([Buffer.from(several)])],
    ["chunks that are overwritten", () => overwritten(several, 1000)],
  ])("gives the same records: %s", async (_name, input) => {
    const { records, summary } = await readAll(input(), options);
    expect(records).toEqual(RECORDS);
    expect(summary).toMatchObject({ format: "pcap", compression, packets: 400, cutShort: false, problems });
  });

  it("gives the same records: a file, also beside others", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a"), several);
    await writeFile(join(folder, "b"), PLAIN);
    expect((await readAll(join(folder, "a"), options)).records).toEqual(RECORDS);
    const set = await openCaptures([join(folder, "a"), join(folder, "b")], options);
    expect(await children()).toEqual([]);
    let count = 0;
    for await (const turn of set.turns()) while (turn.next()) count++;
    expect(count).toBe(800);
    expect(set.captures.map(({ bytes }) => bytes)).toEqual([several.length, PLAIN.length]);
  });

  it("cut short anywhere it gives what lies in front", async () => {
    for (let length = 1; length < several.length - 1; length += Math.ceil(several.length / 60)) {
      if (length > 98 && length < 108) continue; // nothing has been compressed yet
      const result = await readAll(several.subarray(0, length), options).catch((error) => error);
      if (result instanceof CloseWaitError) {
        expect([length < 113, result.code]).toEqual([true, expect.stringMatching(/empty|not-a-capture/)]);
        continue;
      }
      const { records, summary } = result;
      expect(records).toEqual(RECORDS.slice(0, records.length));
      expect(summary.cutShort).toBe(true);
      const kinds = summary.problems.map(({ kind }: { kind: string }) => kind);
      expect(kinds.join()).toMatch(/cut-short/); // between two frames only the last record is
      expect(kinds).not.toContain("compression-corrupt");
    }
  });

  it("says how much came out before the end that is missing", async () => {
    const { summary } = await readAll(whole.subarray(0, -2), options);
    const told = summary.problems.find(({ kind }) => kind === "compression-cut-short")?.message ?? "none";
    const [, octets = ""] =
      /^the \w+ data end too early, after ([\d,]+) decompressed octets: analyzed up to there$/.exec(told) ?? [];
    // What the missing octets would have given: a checksum, or the end of the last block, which one program holds back whole.
    const missing = PLAIN.length - Number(octets.replaceAll(",", ""));
    if (summary.packets === 0) expect(missing).toBe(PLAIN.length);
    else expect(missing).toBeOneOf([0, PLAIN.length % 1000]);
  });

  it("damaged anywhere it never throws anything of its own, and says so", async () => {
    const damage = fc.tuple(fc.nat(several.length - 1), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(damage, async ([at, flip]) => {
        const damaged = several.map((octet, index) => (index === at ? octet ^ flip : octet));
        const result = await readAll(damaged, options).catch((error) => error);
        if (result instanceof Error) {
          expect(result).toBeInstanceOf(CloseWaitError);
        } else if (isChecked && result.summary.problems.length === 0) {
          expect(result.records).toEqual(RECORDS); // in a frame that is passed over, or a bit without meaning
        }
      }),
      { numRuns: 80 },
    );
  });

  it("damaged near its end it gives what lies in front", async () => {
    const damaged = Uint8Array.from(big);
    const at = damaged.length - 3; // in the checksum of the content
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    const { summary } = await readAll(damaged, options);
    if (!isChecked) return;
    expect(summary.packets).toBeGreaterThan(9_700);
    expect(summary.problems).toContainEqual(expect.objectContaining({ kind: "compression-corrupt" }));
    expect(summary.cutShort).toBe(summary.packets < 10_000);
  });

  it("peeks without reading on", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.pcap"), big);
    await writeFile(join(folder, "b.pcap"), pack(captureOf(9_999)));
    let read = 0;
    const set = await openCaptures([join(folder, "a.pcap"), join(folder, "b.pcap")], {
      ...options,
      onProgress: (bytes) => {
        read = bytes;
      },
    });
    expect(await children()).toEqual([]);
    expect(set.captures.map(({ firstAt, compression: by }) => [firstAt, by])).toEqual([
      [null, compression],
      [null, compression],
    ]);
    expect(read).toBe(0);
  });

  it("left early, nothing of it is left", async () => {
    const set = await openCaptures([streamed(concat(big, big, big), 10_000)], options);
    for await (const _turn of set.turns()) break;
    expect(await children()).toEqual([]);
  });

  it("aborted in the middle it is neither cut short nor damaged", async () => {
    const abort = new AbortController();
    const set = await openCaptures([big], { ...options, signal: abort.signal });
    let count = 0;
    for await (const turn of set.turns()) {
      while (turn.next()) count++;
      abort.abort();
    }
    expect(count).toBeLessThan(10_000);
    expect(set.captures[0]).toMatchObject({ cutShort: false, problems });
  });

  it("aborted while the input stalls it ends at once", async () => {
    const abort = new AbortController();
    const stalled = stalling(whole);
    setTimeout(() => abort.abort(), 300);
    const { records, summary } = await readAll(stalled, { ...options, signal: abort.signal });
    expect(records).toEqual(RECORDS.slice(0, records.length));
    expect(summary).toMatchObject({ cutShort: false, problems: records.length === 0 ? [] : problems });
    expect(stalled.destroyed).toBe(true);
  });

  it("left while the input stalls it lets go of it", async () => {
    const stalled = stalling(concat(big, big));
    const set = await openCaptures([stalled], options);
    for await (const _turn of set.turns()) break;
    expect(stalled.destroyed).toBe(true);
  });

  it("damaged while the input stalls it ends at once", async () => {
    const stalled = stalling(concat(whole, Buffer.from("garbage, no frame")));
    const { summary } = await readAll(stalled, options);
    expect(summary.problems).toContainEqual(expect.objectContaining({ kind: "compression-corrupt" }));
    expect(stalled.destroyed).toBe(true);
  });

  it("an input that fails gives what came before", async () => {
    const failing = (async function* () {
      yield* chunksOf(big, [5000]);
      throw new Error("gone");
    })();
    const set = await openCaptures([failing, PLAIN], options);
    for await (const turn of set.turns()) while (turn.next());
    const { packets, problems: found } = set.captures.find(({ path }) => path === "(stream)") ?? {};
    expect(packets).toBe(10_000);
    expect(found).toContainEqual(expect.objectContaining({ kind: "unreadable" }));
  });
});

/** A stream that brings these octets and then nothing, not even its end. */
function stalling(octets: Uint8Array): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push(octets);
  return stream;
}

/** As byte-source.ts reads files: a chunk is gone when the next one is asked for. */
async function* overwritten(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(size);
  for (const chunk of chunksOf(octets, [size])) {
    buffer.set(chunk);
    yield buffer.subarray(0, chunk.length);
    buffer.fill(0xee);
  }
}

describe("a zstd bomb is read, not held", () => {
  const HELD_OCTETS_MAX = 200 * 1024 * 1024;

  async function mostHeld(decoder: (typeof ZSTD_DECODERS)[number]): Promise<number> {
    const bomb = zstdBomb(4000);
    const compressed = { name: "bomb", chunks: streamed(bomb, bomb.length), letGo: () => undefined };
    const before = process.memoryUsage().arrayBuffers;
    let [total, held] = [0, 0];
    for await (const chunk of await unzstd(compressed, [decoder])) {
      total += chunk.length;
      if (total % (16 * 1024 * 1024) < chunk.length) held = Math.max(held, process.memoryUsage().arrayBuffers - before);
    }
    expect(total).toBe(4000 * 128 * 1024);
    return held;
  }

  it.each(ZSTD_DECODERS)("%s", async (decoder) => {
    // Garbage is included, and when it is collected depends on what ran before: it only adds, so the least of a few measures counts.
    let held = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 5 && held >= HELD_OCTETS_MAX; tries++) held = Math.min(held, await mostHeld(decoder));
    expect(held).toBeLessThan(HELD_OCTETS_MAX);
  });

  it.each(ZSTD_DECODERS)("%s is not faster than its reader", async (decoder) => {
    const bomb = zstdBomb(4000);
    let asked = 0;
    const counting = (async function* () {
      for (const chunk of chunksOf(bomb, [100])) {
        asked++;
        yield chunk;
      }
    })();
    const compressed = { name: "bomb", chunks: counting, letGo: () => undefined };
    const bytes = await unzstd(compressed, [decoder]);
    for await (const _chunk of bytes) {
      await sleep(300);
      break;
    }
    // A program takes what fits into the pipe and what it reads at once, and then waits.
    if (decoder !== "program") expect(asked).toBeLessThan(40);
    expect(await children()).toEqual([]);
  });
});

describe("programs that are not there, or not themselves", () => {
  const zstd = zstdStored(PLAIN);
  const lz4 = Uint8Array.from(Buffer.from("04224d186440a7", "hex"));
  const byProgram: CaptureOptions = { zstdBy: ["program"] };

  it("no lz4", async () => {
    await withPrograms({});
    const message = "(memory): compressed with lz4; install lz4, or decompress first: lz4 -d";
    await expect(readAll(lz4)).rejects.toThrow(expect.objectContaining({ code: "unsupported", message }));
  });

  it("no zstd", async () => {
    await withPrograms({});
    const message = "(memory): compressed with zstd; install zstd, or decompress first (zstd -d)";
    await expect(readAll(zstd, byProgram)).rejects.toThrow(expect.objectContaining({ code: "unsupported", message }));
    const { records, summary } = await readAll(zstd, { zstdBy: ["program", "fzstd"] });
    expect(records).toEqual(RECORDS);
    expect(summary.problems).toEqual([CAVEAT]);
  });

  it.runIf(process.platform !== "win32").each([
    ["ends without having read", "exit 1", "corrupt"],
    ["ends well without having read", "exit 0", "corrupt"],
    ["closes its input and goes on", "exec <&-; sleep 0.2; exit 1", "corrupt"],
    ["is killed", "kill -9 $$", "unreadable"],
  ])("a zstd that %s", async (_name, script, code) => {
    await withPrograms({ zstd: script });
    const many = concat(...Array.from({ length: 10 }, () => zstdStored(BIG.subarray(0, 200_000))));
    await expect(readAll(many, byProgram)).rejects.toThrow(expect.objectContaining({ code }));
  });

  it.runIf(process.platform !== "win32")("a zstd that never reads is killed on abort", async () => {
    await withPrograms({ zstd: "exec sleep 1000" });
    const many = zstdStored(BIG);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const { summary } = await readAll(many, { ...byProgram, signal: abort.signal });
    expect(summary).toMatchObject({ packets: 0, problems: [] });
  });

  it.runIf(process.platform !== "win32")("a zstd that never ends its output is stopped with its reader", async () => {
    await withPrograms({ zstd: "exec cat - /dev/zero" });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 300);
    await readAll(concat(zstdStored(PLAIN)), { ...byProgram, signal: abort.signal }).catch((error) => {
      expect(error).toBeInstanceOf(CloseWaitError);
    });
  });
});

describe("what a frame asks for", () => {
  it.each(ZSTD_DECODERS)("a dictionary: %s", async (decoder) => {
    const needing = Uint8Array.from(Buffer.from("28b52ffd01380500000000", "hex"));
    const message = "(memory): needs a zstd dictionary; decompress first (zstd -d -D DICTIONARY)";
    await expect(readAll(needing, { zstdBy: [decoder] })).rejects.toThrow(
      expect.objectContaining({ code: "unsupported", message }),
    );
  });
});

describe("in a directory", () => {
  it("zstd is found by content; by name where it looks like one", async () => {
    const folder = await temporaryFolder();
    const files = {
      "a.zst": zstdStored(PLAIN),
      "b.zst": concat(skippable(10), zstdStored(PLAIN)),
      "c.zst": zstdStored(Buffer.from("a log, compressed")),
      "d.zst": Buffer.from("28b52ffd2400", "hex"),
      "e.pcap.zst": Buffer.from("28b52ffd2400", "hex"),
    };
    for (const [name, octets] of Object.entries(files)) await writeFile(join(folder, name), octets);
    const found = (await resolveInputs([folder])).map(({ path }) => path.slice(folder.length + 1));
    expect(found).toEqual(["a.zst", "b.zst", "e.pcap.zst"]);
  });

  it.runIf(isInstalled("lz4"))("lz4, too (needs the program lz4)", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a"), packed("lz4", PLAIN));
    await writeFile(join(folder, "b"), packed("lz4", Buffer.from("a log")));
    const found = (await resolveInputs([folder])).map(({ path }) => path.slice(folder.length + 1));
    expect(found).toEqual(["a"]);
  });
});

// Without a program there are fewer ways to test.
for (const program of ["zstd", "lz4"] as const) {
  if (!isInstalled(program)) it.skip(`what the program ${program} is needed for: it is not installed`, () => undefined);
}
