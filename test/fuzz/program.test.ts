/** The whole program, every command and format, on whatever a file may hold: it answers or says in one line why it cannot. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { analyzeCaptures, extractFlows, listSockets, showFlow } from "../../src/questions.ts";
import { type CaptureFrame, gzip, pcapFile, pcapngFile } from "../build/captures.ts";
import { frameOf } from "../build/frames.ts";
import { type Run, run } from "../cli/run-in-process.ts";
import { octetsOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { damaged } from "./damage.ts";
import { Octets, runs } from "./fuzzing.ts";
import { randomPcap, randomPcapng } from "./random-files.ts";
import { randomFrame, randomSegment } from "./random-frames.ts";

const KEY = "0123456789abcdef".repeat(4);

/** After the command's name comes the capture. */
const COMMANDS: readonly (readonly [command: string, ...options: string[]])[] = [
  ["analyze"],
  ["analyze", "-v", "--all"],
  ["analyze", "-f", "json", "--all"],
  ["analyze", "-f", "ndjson"],
  ["flows"],
  ["flows", "-f", "ndjson"],
  ["flows", "--host", "10.0.0.1"],
  ["states"],
  ["states", "-f", "csv"],
  ["states", "--every", "1h"],
  ["states", "--at", "+1s", "-f", "json"],
  ["states", "--count", "--at", "end"],
  ["show", "--flow", "10.0.0.1"],
  ["show", "--flow", "1", "-f", "json"],
  ["assert", "--no-stuck"],
  ["assert", "--no-stuck", "-f", "junit"],
  ["assert", "--no-stuck", "-f", "json"],
  ["extract", "--all-flows", "-o", "x.pcapng", "--annotate"],
  ["extract", "--all-flows", "-o", "x.pcap", "--snaplen", "60"],
  ["extract", "--all-flows", "-o", "x.pcapng", "--anonymize", "key"],
];

const command = fc.constantFrom(...COMMANDS);
const columns = fc.constantFrom(undefined, 20, 80, 200);

function runOn(octets: Uint8Array, [name, ...options]: (typeof COMMANDS)[number], width?: number): Promise<Run> {
  const inputs: ByteInput[] = [octets];
  return run([name, "a.pcap", ...options], {
    env: { NO_COLOR: "1" },
    contents: { key: new TextEncoder().encode(KEY) },
    ...(width === undefined ? {} : { columns: width }),
    analyzeCaptures: (_, given) => analyzeCaptures(inputs, given),
    listSockets: (_, look, given) => listSockets(inputs, look, given),
    showFlow: (_, flow, given) => showFlow(inputs, flow, given),
    extractFlows: (_, sink, extract, given) => extractFlows(inputs, sink, extract, given),
  });
}

/** Control codes and characters that turn text around; lines end as their format has it. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u;

function expectAnAnswer({ stdout, stderr, code }: Run, [name, ...options]: readonly string[]): void {
  expect([0, 1, 2], stderr).toContain(code);
  expect(stderr).not.toMatch(/this is a bug|undefined|NaN|\[object|\n {4}at /);
  expect(stdout).not.toMatch(/undefined|NaN|Infinity|\[object/);
  if (code === 1) expect(name).toBe("assert");
  if (code === 2) expect(stderr).toMatch(/^(closewait: warning: [^\n]+\n)*closewait: (?!warning)[^\n]+\n$/);
  expect(stderr.replaceAll("\n", "")).not.toMatch(UNSAFE);
  expect(stdout.replaceAll(/\r?\n/g, "")).not.toMatch(UNSAFE);
  const format = options[options.indexOf("-f") + 1];
  if (code === 2 || stdout === "") return;
  if (format === "json") JSON.parse(stdout);
  if (format === "ndjson") for (const line of stdout.trimEnd().split("\n")) JSON.parse(line);
}

const expectAnswers = (files: fc.Arbitrary<Octets>, count: number) =>
  fc.assert(
    fc.asyncProperty(files, command, columns, async ({ octets }, argv, width) => {
      expectAnAnswer(await runOn(octets, argv, width), argv);
    }),
    runs(count),
  );

const second = 1_000_000_000n;
/** Steps in time as captures have them, backwards and far away included. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat({ max: 3e9 }).map(BigInt) },
  fc.integer({ min: -2_000_000_000, max: 0 }).map(BigInt),
  fc.constantFrom(61n * second, 300n * second, 86_400n * second, -86_400n * second, 10n ** 18n, -(10n ** 18n)),
);

function inTime(octets: fc.Arbitrary<Uint8Array>, max: number): fc.Arbitrary<CaptureFrame[]> {
  return fc.array(fc.tuple(octets, step), { maxLength: max }).map((drawn) => {
    let at = 1_700_000_000n * second;
    return drawn.map(([one, by]) => {
      at = at + by < 0n || at + by >= 2n ** 32n * second ? at : at + by;
      return { at, octets: one };
    });
  });
}

describe("every command gives an answer or one line that says why not", () => {
  const small = RECORDING_NAMES.filter((name) => octetsOf(name).length < 8_000);

  it("on damaged recordings", () =>
    expectAnswers(
      fc.constantFrom(...small).chain((name) => damaged(fc.constant(octetsOf(name)))),
      60,
    ));

  it("on compressed recordings that were damaged", () =>
    expectAnswers(
      fc.constantFrom(...small).chain((name) => damaged(fc.constant(new Uint8Array(gzip(octetsOf(name)))), 2)),
      30,
    ));

  it("on files as the formats' grammars allow them", () => expectAnswers(fc.oneof(randomPcap(), randomPcapng()), 100));

  it("on octets that follow a valid header", () =>
    expectAnswers(
      fc
        .tuple(fc.constantFrom(pcapFile([]), pcapngFile([])), fc.uint8Array({ maxLength: 300 }))
        .map(([header, rest]) => new Octets(Buffer.concat([header, rest]))),
      50,
    ));

  it("on frames of any kind", () =>
    expectAnswers(
      fc
        .tuple(
          fc.constantFrom(1, 101, 113, 276),
          inTime(
            randomFrame.map(({ octets }) => octets),
            12,
          ),
        )
        .map(([linkType, frames]) => new Octets(pcapFile(frames, { linkType }))),
      50,
    ));

  it("on segments of few flows in any order, at any time", () =>
    expectAnswers(
      inTime(
        randomSegment.map((segment) => frameOf(segment)),
        40,
      ).map((frames) => new Octets(pcapFile(frames))),
      100,
    ));

  const misleading = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      "\u001b[2J",
      "\u202egnp.exe",
      '=HYPERLINK("http://x")',
      "a\r\nb,c",
      "</script><b>",
      "__proto__",
      "x".repeat(400),
    ),
  );
  it("on names and comments that were made to mislead", () =>
    expectAnswers(
      fc
        .tuple(
          fc.array(misleading, { minLength: 1, maxLength: 3 }),
          inTime(
            randomSegment.map((segment) => frameOf(segment)),
            20,
          ),
        )
        .map(([texts, frames]) => {
          const text = (index: number) => texts[index % texts.length] as string;
          const told = frames.map((frame, index) => ({ ...frame, comment: text(index) }));
          const nameResolution = ["10.0.0.1", "10.0.0.2", "2001:db8::1"].map((ip, index) => ({
            ip,
            names: [text(index)],
          }));
          return new Octets(pcapngFile(told, { nameResolution, name: text(0) }));
        }),
      50,
    ));

  const resolution = fc.record({
    tsresol: fc.constantFrom(0, 6, 9, 12, 19, 0x80, 0x89, 0xff, 127),
    tsoffset: fc.constantFrom(0n, 2n ** 63n - 1n, -(2n ** 63n), -1_700_000_000n, 10n ** 12n, -(10n ** 12n)),
  });
  it("on times at both ends of their range", () =>
    expectAnswers(
      fc
        .tuple(
          fc.array(resolution, { minLength: 1, maxLength: 3 }),
          inTime(
            randomSegment.map((segment) => frameOf(segment)),
            20,
          ),
        )
        .map(([interfaces, frames]) => {
          const spread = frames.map((frame, index) => ({ ...frame, interface: index % interfaces.length }));
          return new Octets(pcapngFile(spread, { interfaces }));
        }),
      50,
    ));
});
