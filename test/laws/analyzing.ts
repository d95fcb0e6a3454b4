/** Runs the pipeline as a user would, and brings what it says into a form in which two runs can be compared. */
import type { Analysis } from "../../src/analysis/model.ts";
import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import type { CaptureFrame } from "../build/capture-frame.ts";

/** CLOSEWAIT_RUNS=20 tries twenty times as many, CLOSEWAIT_SEED=7 others: a run is the same everywhere unless it is told to be another. */
const { CLOSEWAIT_RUNS: MULTIPLIER = "1", CLOSEWAIT_SEED: SEED = "20261120" } = process.env;

export const runs = (count: number): { numRuns: number; seed: number } => ({
  numRuns: Math.ceil(count * Number(MULTIPLIER)),
  seed: Number(SEED),
});

/** Every flow is listed. */
export function analyzed(inputs: readonly ByteInput[], options: Partial<AnalyzeOptions> = {}): Promise<Analysis> {
  return analyzeCaptures(inputs, { flows: "every", ...options });
}

/** `--until` as late as this frame, and a bit. */
export function untilAfter(frames: readonly CaptureFrame[], nanos: bigint): Pick<AnalyzeOptions, "until"> {
  const latest = frames.reduce((max, { at }) => (at > max ? at : max), 0n);
  return { until: { kind: "absolute", nanos: latest + nanos } };
}

type Json = unknown;

/** What matters here of any object of the result. */
interface Fields extends Record<string, Json> {
  frame?: Json;
  capture?: Json;
  captures?: Json;
  record?: Json;
  since?: Json;
}

export interface Translation {
  /** The frame of a capture as the other run numbers it. */
  readonly frame?: (capture: number, frame: number) => number;
  /** The same for a frame that is reported without its capture, only with its time: it lies in one of these. */
  readonly frameOfOneOf?: (captures: readonly number[], frame: number, at: string) => number | string;
  /** Every string: time stamps, flow ids, addresses. */
  readonly text?: (text: string) => string;
}

/** The result without what only says how the records were stored: `captures`, and those of each flow. */
export function comparable(analysis: Analysis, translation: Translation = {}): Json {
  const { frame = (_, number) => number, text = (same) => same } = translation;
  const { frameOfOneOf = ([first], number) => frame(first as number, number) } = translation;
  const translated = (value: Json, flowCaptures: readonly number[]): Json => {
    if (typeof value === "string") return text(value);
    if (Array.isArray(value)) return value.map((item) => translated(item, flowCaptures));
    if (typeof value !== "object" || value === null) return value;
    const { capture, captures = flowCaptures, frame: number, ...fields } = value as Fields;
    const within = captures as readonly number[];
    if (typeof number === "number") {
      const isPlaced = typeof capture === "number";
      fields.record = isPlaced ? frame(capture, number) : frameOfOneOf(within, number, fields.since as string);
    }
    return Object.fromEntries(
      Object.entries(fields).map(([name, item]) => [
        name,
        DURATION.test(name) ? exact(item) : translated(item, within),
      ]),
    );
  };
  const { captures: _, ...rest } = analysis;
  return translated(rest, []);
}

const DURATION = /Seconds$|^seconds$/;

/** Durations pass through float64 seconds: to the nanosecond. */
function exact(seconds: Json): Json {
  return typeof seconds === "number" ? Number(seconds.toFixed(9)) : seconds;
}

const TIMESTAMP = /^(-?\d{4,6}|[+-]\d{6})-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;
const FLOW_ID = /^(.+@)(-?\d+)\.(\d{9})$/;

/** Texts with their times moved by so much. */
export function moved(nanos: bigint): (text: string) => string {
  return (text) => {
    if (TIMESTAMP.test(text)) {
      const at = BigInt(Date.parse(`${text.slice(0, -11)}Z`)) * 1_000_000n + BigInt(text.slice(-10, -1));
      return `${at + nanos} ns`;
    }
    const [, endpoints, seconds, fraction] = FLOW_ID.exec(text) ?? [];
    if (endpoints === undefined) return text;
    return `${endpoints}${BigInt(seconds as string) * 1_000_000_000n + BigInt(fraction as string) + nanos} ns`;
  };
}
