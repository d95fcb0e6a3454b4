import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { type CaptureOptions, type CaptureSet, openCaptures } from "../../src/capture/capture-set.ts";
import { type CaptureFrame, pcapFile, pcapngFile } from "../build/captures.ts";
import { chunksOf, copyOf } from "./read-records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const START = 1_700_000_000_000_000_000n;
const SECOND = 1_000_000_000n;

/** A frame so many seconds after the start, told from others by its one octet. */
const frame = (second: number, octet = 0): CaptureFrame => ({
  at: START + BigInt(Math.round(second * 1000)) * 1_000_000n,
  octets: Uint8Array.of(octet),
});
const capture = (...seconds: number[]) => pcapFile(seconds.map((second) => frame(second)));

async function recordsOf(set: CaptureSet): Promise<[capture: number, frame: number, time: number, octets: string][]> {
  const records: [number, number, number, string][] = [];
  for await (const turn of set.turns()) {
    while (turn.next()) {
      const record = copyOf(turn.record);
      records.push([turn.capture, record.frame, record.time, record.octets]);
    }
  }
  return records;
}

async function readAll(inputs: readonly ByteInput[], options?: CaptureOptions) {
  const set = await openCaptures(inputs, options);
  return { set, records: await recordsOf(set) };
}

async function* streamed(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  yield* chunksOf(octets, [size]);
}

describe("captures are put in the order of their first records", () => {
  it("whatever the order of the arguments; the earliest is the base of all times", async () => {
    const { set, records } = await readAll([capture(20, 21), capture(10, 11), capture(), capture(0, 1)]);
    expect(set.baseNanos).toBe(START);
    expect(records.map(([number, frameNumber, time]) => [number, frameNumber, time / 1e9])).toEqual([
      [0, 1, 0],
      [0, 2, 1],
      [1, 1, 10],
      [1, 2, 11],
      [2, 1, 20],
      [2, 2, 21],
    ]);
    expect(set.captures.map(({ packets, firstAt, lastAt }) => [packets, firstAt, lastAt])).toEqual([
      [2, 0, 1e9],
      [2, 10e9, 11e9],
      [2, 20e9, 21e9],
      [0, null, null],
    ]);
  });

  it("the earliest record need not be the first", async () => {
    const { set } = await readAll([capture(5, 3, 9, 4)]);
    expect(set.baseNanos).toBe(START + 5n * SECOND);
    expect(set.captures[0]).toMatchObject({ firstAt: -2e9, lastAt: 4e9 });
  });
});

describe("captures that overlap are merged by the time of their records", () => {
  const times = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 });

  it("each in its own order, at equal times the earlier capture first, for any chunking", async () => {
    const inputs = fc.array(times, { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(inputs, fc.integer({ min: 1, max: 100 }), async (lists, size) => {
        const files = lists.map((seconds) => capture(...seconds.sort((a, b) => a - b)));
        const { set, records } = await readAll(files.map((file) => streamed(file, size)));
        expect(records).toHaveLength(lists.flat().length);
        const sorted = records.toSorted(([a, i, s], [b, j, t]) => s - t || a - b || i - j);
        expect(records).toEqual(sorted);
        expect(records).toEqual((await readAll(files)).records);
        expect(set.captures.reduce((sum, { packets }) => sum + packets, 0)).toBe(records.length);
      }),
    );
  });

  it("a capture cut anywhere reads like the whole", async () => {
    const seconds = Array.from({ length: 30 }, (_, index) => index >> 2);
    const frames = seconds.map((second, index) => frame(second, index));
    const whole = (await readAll([pcapFile(frames)])).records.map(([, , time, octets]) => [time, octets]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 4 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), frames.length];
        const parts = edges.slice(1).map((edge, index) => pcapFile(frames.slice(edges[index], edge)));
        const { records } = await readAll(parts);
        expect(records.map(([, , time, octets]) => [time, octets])).toEqual(whole);
      }),
    );
  });

  it("the order of a capture stays where its times step backwards", async () => {
    const { records } = await readAll([capture(0, 5, 2, 6), capture(4)]);
    expect(records.map(([number, , time]) => [number, time / 1e9])).toEqual([
      [0, 0],
      [1, 4],
      [0, 5],
      [0, 2],
      [0, 6],
    ]);
  });

  it("a turn that is left early goes on with the next one", async () => {
    const set = await openCaptures([capture(0, 1, 2)]);
    const frames: number[] = [];
    for await (const turn of set.turns()) {
      if (turn.next()) frames.push(turn.record.frame);
    }
    expect(frames).toEqual([1, 2, 3]);
  });
});

describe("the same packets give the same records", () => {
  const frames = [frame(0, 1), frame(0.5, 2), frame(7, 3)];
  const pcap = pcapFile(frames);
  const rows: readonly [string, () => ByteInput, object][] = [
    ["pcap", () => pcap, { format: "pcap", compression: null }],
    ["big-endian nanoseconds", () => pcapFile(frames, { endian: "big", resolution: "ns" }), { format: "pcap" }],
    ["pcapng", () => pcapngFile(frames), { format: "pcapng", compression: null }],
    ["gzip", () => gzipSync(pcap), { format: "pcap", compression: "gzip" }],
    ["gzip of pcapng", () => gzipSync(pcapngFile(frames)), { format: "pcapng", compression: "gzip" }],
    ["a stream of single octets", () => streamed(pcap, 1), { format: "pcap", compression: null }],
    ["a stream of gzip in single octets", () => streamed(gzipSync(pcap), 1), { compression: "gzip" }],
  ];

  it.each(rows)("%s", async (_name, input, summary) => {
    const { set, records } = await readAll([input()]);
    expect(records).toEqual([
      [0, 1, 0, "01"],
      [0, 2, 5e8, "02"],
      [0, 3, 7e9, "03"],
    ]);
    expect(set.captures[0]).toMatchObject({
      linkTypes: ["EN10MB"],
      packets: 3,
      cutShort: false,
      problems: [],
      ...summary,
    });
  });

  it("through pcap-parser", async () => {
    expect((await readAll([pcap], { reader: "pcap-parser" })).records).toEqual((await readAll([pcap])).records);
  });
});

describe("what the file says about itself", () => {
  it("drops, end of observation, link types by name", async () => {
    const endTime = START + 60n * SECOND;
    const interfaces = [
      { dropped: 3, endTime },
      { linkType: "LINUX_SLL2" },
      { linkType: 147 },
      { linkType: 9999 },
    ] as const;
    const { set } = await readAll([pcapngFile([frame(0)], { interfaces })]);
    expect(set.captures[0]).toMatchObject({
      linkTypes: ["EN10MB", "LINUX_SLL2", "USER0", "9999"],
      dropped: 3,
      endAt: 60e9,
    });
  });

  it("rotated files are one capture point, another place is another", async () => {
    const folder = await temporaryFolder();
    const files = { "a.pcap": capture(0, 10), "a.pcap1": capture(500, 510), "b.pcap": capture(2, 505) };
    for (const [name, octets] of Object.entries(files)) await writeFile(join(folder, name), octets);
    const { set } = await readAll([folder]);
    const points = set.captures.map(({ path, point }) => [path.slice(folder.length + 1), point]);
    expect(points).toEqual([
      ["a.pcap", 0],
      ["b.pcap", 1],
      ["a.pcap1", 0],
    ]);
  });

  it("points are told apart from the moment when their turns come", async () => {
    const folder = await temporaryFolder();
    const files = { "a.pcap": capture(0, 10), "a.pcap1": capture(500, 510), "b.pcap": capture(2, 505) };
    for (const [name, octets] of Object.entries(files)) await writeFile(join(folder, name), octets);
    const set = await openCaptures([folder]);
    const points: number[] = [];
    for await (const turn of set.turns()) {
      while (turn.next()) points.push(set.captures[turn.capture]?.point ?? -1);
    }
    expect(points).toEqual([0, 1, 0, 0, 1, 0]);
  });
});

describe("a capture that is cut short is read up to there", () => {
  const whole = pcapFile(Array.from({ length: 500 }, (_, index) => frame(index, index & 0xff)));

  it("plain", async () => {
    const { set, records } = await readAll([whole.subarray(0, -1)]);
    expect(records).toHaveLength(499);
    expect(set.captures[0]).toMatchObject({
      cutShort: true,
      problems: [
        {
          kind: "cut-short",
          count: 1,
          message: "ends inside record 500 (needed 17 octets, had 16, at byte 8,507): analyzed up to there",
        },
      ],
    });
  });

  it("gzip, at any octet", async () => {
    const packed = gzipSync(whole);
    for (let length = 1; length < packed.length; length += 61) {
      const { set, records } = await readAll([packed.subarray(0, length)]);
      expect(set.captures[0]?.cutShort).toBe(true);
      expect(set.captures[0]?.problems[0]?.kind).toBe("compression-cut-short");
      expect(records.length).toBeLessThan(500);
    }
  });

  it("damaged gzip", async () => {
    const packed = gzipSync(whole, { level: 0 });
    packed.fill(0xff, packed.length - 2);
    const { set, records } = await readAll([packed]);
    expect(records.length).toBeGreaterThan(400);
    expect(set.captures[0]?.problems.map(({ kind }) => kind)).toContain("compression-corrupt");
  });
});

describe("an input that cannot be read", () => {
  const text = new TextEncoder().encode("no capture\n");
  const message = '(memory): expected pcap or pcapng, found a text file; record with "tcpdump -w FILE"';

  it("is a problem of its capture beside one that can", async () => {
    const { set, records } = await readAll([text, capture(0, 1)]);
    expect(records).toHaveLength(2);
    expect(set.captures.map(({ format, packets }) => [format, packets])).toEqual([
      ["pcap", 2],
      [null, 0],
    ]);
    expect(set.captures[1]?.problems).toEqual([{ kind: "not-a-capture", count: 1, message }]);
  });

  it("is an error alone", async () => {
    await expect(openCaptures([text])).rejects.toThrow(expect.objectContaining({ code: "not-a-capture", message }));
  });

  it("is an error beside one that can, if strict", async () => {
    const opened = openCaptures([capture(0), text], { strict: true });
    await expect(opened).rejects.toThrow(expect.objectContaining({ code: "not-a-capture", message }));
  });

  it("is one that breaks in front of its first record", async () => {
    const broken = Uint8Array.from([...pcapFile([]), ...new Uint8Array(8), ...new Uint8Array(8).fill(0xff)]);
    const why = "record 1 at byte 24 declares 4,294,967,295 captured octets (at most 262,144 are plausible)";
    await expect(openCaptures([broken])).rejects.toThrow(
      expect.objectContaining({ code: "corrupt", message: `(memory): ${why}` }),
    );
    const { set } = await readAll([broken, capture(0)]);
    expect(set.captures[1]).toMatchObject({ format: null, problems: [{ kind: "absurd-length" }] });
  });

  it("is an error among others that cannot", async () => {
    await expect(openCaptures([text, new Uint8Array(0)])).rejects.toThrow(
      expect.objectContaining({
        code: "nothing-readable",
        message: `none of 2 inputs can be read; the first: ${message}`,
      }),
    );
  });

  it("may be empty", async () => {
    await expect(openCaptures([new Uint8Array(0)])).rejects.toThrow(
      expect.objectContaining({
        code: "empty",
        message: "(memory): empty: expected a capture, found no bytes",
      }),
    );
  });

  it("may hold nothing", async () => {
    await expect(openCaptures([gzipSync("")])).rejects.toThrow(
      expect.objectContaining({
        code: "empty",
        message: "(memory): empty: expected a capture, found nothing once decompressed",
      }),
    );
  });

  it("may be none at all", async () => {
    await expect(openCaptures([])).rejects.toThrow(
      expect.objectContaining({
        code: "nothing-readable",
        message: 'no input; pass capture files, directories, or "-" for standard input',
      }),
    );
  });

  it("may vanish before its turn comes", async () => {
    const folder = await temporaryFolder();
    const [first, second] = [join(folder, "a.pcap"), join(folder, "b.pcap")];
    await writeFile(first, capture(0, 1));
    await writeFile(second, capture(10, 11));
    const set = await openCaptures([first, second]);
    await rm(second);
    expect(await recordsOf(set)).toHaveLength(2);
    const problem = { kind: "unreadable", count: 1, message: `${second}: no such file; check the path` };
    expect(set.captures[1]).toMatchObject({ format: null, packets: 0, problems: [problem] });
  });

  it("without a packet is none: a header is a capture", async () => {
    const { set, records } = await readAll([capture()]);
    expect(records).toEqual([]);
    expect(set.captures[0]).toMatchObject({ format: "pcap", packets: 0, firstAt: null, cutShort: false, problems: [] });
  });
});

describe("reading tells how far it is, and can be stopped", () => {
  const large = pcapFile(
    Array.from({ length: 40 }, (_, second) => ({ at: frame(second).at, octets: new Uint8Array(100_000) })),
  );

  it("progress ends with all bytes read", async () => {
    const steps: [number, number | null][] = [];
    await readAll([large, capture(3), capture()], { onProgress: (read, total) => steps.push([read, total]) });
    const total = large.length + capture(3).length + capture().length;
    expect(steps.length).toBeGreaterThan(3);
    expect(steps.at(-1)).toEqual([total, total]);
    expect(steps.map(([read]) => read)).toEqual(steps.map(([read]) => read).toSorted((a, b) => a - b));
  });

  it("the total is unknown with a stream among the inputs", async () => {
    const totals = new Set<number | null>();
    await readAll([capture(0), streamed(capture(1), 50)], { onProgress: (_, total) => totals.add(total) });
    expect([...totals]).toEqual([null]);
  });

  it("an abort ends the turns; what was read counts and is not cut short", async () => {
    const abort = new AbortController();
    const set = await openCaptures([large], { signal: abort.signal });
    let records = 0;
    for await (const turn of set.turns()) {
      while (turn.next()) records++;
      abort.abort();
    }
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThan(40);
    expect(set.captures[0]).toMatchObject({ packets: records, cutShort: false, problems: [] });
  });

  it("an abort ends the wait for a first record that never comes", async () => {
    const abort = new AbortController();
    async function* silent(): AsyncGenerator<Uint8Array> {
      yield capture();
      await new Promise(() => setImmediate(() => abort.abort()));
    }
    const { set, records } = await readAll([silent()], { signal: abort.signal });
    expect(records).toEqual([]);
    expect(set.captures[0]).toMatchObject({ format: "pcap", packets: 0, cutShort: false });
  });

  it("the event loop turns while a capture in memory is read: it would starve signals otherwise", async () => {
    const huge = Buffer.concat([large, ...Array.from({ length: 9 }, () => large.subarray(24))]);
    let loops = 0;
    const count = () => {
      loops++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    await readAll([huge]);
    clearImmediate(counting);
    expect(loops).toBeGreaterThanOrEqual(4); // 40 MB
  });
});

describe("very many rotated files", () => {
  it("are not open at the same time", async () => {
    const folder = await temporaryFolder();
    const names = Array.from({ length: 300 }, (_, index) => join(folder, `a.pcap${index}`));
    for (const [index, name] of names.entries()) await writeFile(name, capture(index * 2, index * 2 + 1));
    const { set, records } = await readAll([folder]);
    expect(records.map(([, , time]) => time / 1e9)).toEqual(Array.from({ length: 600 }, (_, index) => index));
    expect(new Set(set.captures.map(({ point }) => point)).size).toBe(1);
  });
});
