/** Runs the pipeline as a user would, and brings what it says into a form in which two runs can be compared. */
import type { Analysis } from "../../src/analysis/model.ts";
import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import type { CaptureFrame } from "../build/capture-frame.ts";

/** CLOSEWAIT_RUNS=20 tries twenty times as many. */
const MULTIPLIER = Number(process.env["CLOSEWAIT_RUNS"] ?? 1);

export const runs = (count: number): { numRuns: number } => ({ numRuns: Math.ceil(count * MULTIPLIER) });

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

export interface Translation {
  /** The frame of one capture as the other run numbers it. `at` is the time it is reported with. */
  readonly frame?: (capture: number, frame: number) => number;
  /** Every string: time stamps, flow ids, addresses. */
  readonly text?: (text: string) => string;
}

/**
 * The result without what only says how the records were stored: `captures`, and those of each flow. Frames, times and names are
 * translated. The frame of `unanswered` has no capture beside it: it lies in one of those where its flow was seen.
 */
export function comparable(analysis: Analysis, { frame = (_, number) => number, text }: Translation = {}): Json {
  const translated = (value: Json, captures: readonly number[]): Json => {
    if (typeof value === "string") return text ? text(value) : value;
    if (Array.isArray(value)) return value.map((item) => translated(item, captures));
    if (typeof value !== "object" || value === null) return value;
    const fields = { ...value } as Record<string, Json>;
    const { capture, captures: own } = fields;
    const within = Array.isArray(own) ? (own as number[]) : captures;
    delete fields["captures"];
    if (typeof fields["frame"] === "number") {
      const number = fields["frame"];
      delete fields["capture"];
      if (typeof capture === "number") fields["frame"] = frame(capture, number);
      else fields["frame"] = within.length === 1 ? frame(within[0] as number, number) : "in one of several captures";
    }
    return Object.fromEntries(Object.entries(fields).map(([name, item]) => [name, translated(item, within)]));
  };
  const { captures: _, ...rest } = analysis;
  return translated(rest, []);
}

const DURATION = /Seconds$|^seconds$/;

/** Durations come from float64 sums and sketches: equal to the nanosecond is equal. */
export function rounded(value: Json, name = ""): Json {
  if (typeof value === "number") return DURATION.test(name) ? Number(value.toFixed(9)) : value;
  if (Array.isArray(value)) return value.map((item) => rounded(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item, key)]));
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
