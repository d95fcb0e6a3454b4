/** Whatever a capture comes as, the answer is the same. */
import { createReadStream, readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { parse } from "pcap-parser";
import { describe, expect, it } from "vitest";
import { analyze, type CaptureInput, type CloseWaitError } from "../../src/index.ts";

const PATH = new URL("../../captures/server-never-closes.pcap", import.meta.url).pathname;
const OTHER = new URL("../../captures/client-never-closes.pcap", import.meta.url).pathname;
const octets = readFileSync(PATH);

async function* pieces() {
  for (let offset = 0; offset < octets.length; offset += 1000) yield octets.subarray(offset, offset + 1000);
}

/** What other platforms' web streams can do, and no more. */
const webStream = () => {
  const reader = new Blob([octets]).stream().getReader();
  return { getReader: () => reader };
};

const INPUTS: readonly (readonly [string, () => CaptureInput | readonly CaptureInput[]])[] = [
  ["a path", () => PATH],
  ["several paths", () => [PATH]],
  ["a glob", () => PATH.replace("server-never", "serve*-never")],
  ["a file URL", () => pathToFileURL(PATH)],
  ["a Buffer", () => octets],
  ["a Uint8Array", () => Uint8Array.from(octets)],
  ["an ArrayBuffer", () => Uint8Array.from(octets).buffer],
  ["a Node stream", () => createReadStream(PATH)],
  ["a web stream", () => Readable.toWeb(createReadStream(PATH)) as ReadableStream<Uint8Array>],
  ["a web stream that cannot be iterated over", webStream],
  ["an async iterable", () => pieces()],
  ["an instance of pcap-parser", () => parse(createReadStream(PATH))],
];

describe("analyze takes", () => {
  it.each(INPUTS)("%s", async (_, input) => {
    const { flows, totals } = await analyze(input());
    expect([flows.length, totals.stuck, totals.packets]).toEqual([4, 4, 153]);
  });

  it("inputs of different kinds as one capture", async () => {
    const { captures, totals } = await analyze([octets, createReadStream(OTHER)]);
    expect(captures.map(({ path }) => path).sort()).toEqual(["(memory)", "(stream)"]);
    expect(totals.packets).toBe((await analyze([PATH, OTHER])).totals.packets);
  });
});

const path = "not-there.pcap";
const WRONG: readonly (readonly [unknown, Partial<CloseWaitError>])[] = [
  [path, { code: "unreadable", file: path, message: `${path}: no such file; check the path` }],
  [42, { code: "usage", message: "an input is a path, bytes, or a stream of bytes; this is number" }],
  [null, { code: "usage", message: "an input is a path, bytes, or a stream of bytes; this is null" }],
  [
    new URL("https://example.com/a.pcap"),
    { code: "usage", message: "https: URLs are not read: fetch it and pass the body, a stream" },
  ],
];

describe("analyze refuses", () => {
  it.each(WRONG)("%s", async (input, error) => {
    await expect(analyze(input as CaptureInput)).rejects.toMatchObject({ name: "CloseWaitError", ...error });
  });

  it.each([
    [{ minAge: 5 }, /^there is no option minAge: minAgeSeconds, /],
    [{ minAgeSeconds: "5s" }, "minAgeSeconds: expected seconds, 0 or more, got 5s"],
    [{ timeWaitSeconds: Number.NaN }, "timeWaitSeconds: expected seconds, 0 or more, got NaN"],
    [{ threads: 1.5 }, "threads: expected a whole number from 1 to 64, got 1.5"],
    [{ threads: 65 }, "threads: expected a whole number from 1 to 64, got 65"],
    [{ until: "noon" }, /^until: 'noon' is not a moment: expected ISO 8601/],
    [{ from: new Date("noon") }, "from: this is no date"],
  ])("the options %j", async (options, message) => {
    await expect(analyze(octets, options as object)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(message),
    });
  });
});

describe("options", () => {
  it("name moments as the command line does, or as a Date", async () => {
    const last = new Date(`${(await analyze(PATH)).captures[0]?.lastAt?.slice(0, 23)}Z`);
    const until = new Date(last.getTime() + 60_000);
    for (const moment of [
      until,
      until.toISOString(),
      { kind: "absolute", nanos: BigInt(+until) * 1_000_000n },
    ] as const) {
      const { flows } = await analyze(PATH, { until: moment });
      expect(Math.min(...flows.map(({ halfClose }) => halfClose?.seconds ?? 0))).toBeGreaterThan(60);
    }
  });

  it("select with any of the lists", async () => {
    const { totals } = await analyze([PATH, OTHER], { selection: { ports: [8641] } });
    expect(totals.flows).toBe((await analyze(PATH)).totals.flows);
  });

  it("give the same result on any number of threads", async () => {
    const [one, two] = await Promise.all([1, 2].map((threads) => analyze(PATH, { threads, flows: "every" })));
    expect(two).toEqual(one);
  });

  it("may be undefined", async () => {
    expect((await analyze(PATH, { minAgeSeconds: undefined, signal: undefined } as object)).totals.stuck).toBe(4);
  });
});
