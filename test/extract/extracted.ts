/** Runs `extract` in memory, and brings flows of source and extract into a form in which they can be compared. */
import type { Flow } from "../../src/analysis/model.ts";
import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { openCaptures } from "../../src/capture/capture-set.ts";
import type { ByteSink } from "../../src/extract/byte-sink.ts";
import type { Extraction, ExtractOptions } from "../../src/extract/extraction.ts";
import { extractFlows } from "../../src/questions.ts";
import { concat } from "../build/octets.ts";
import { copyOf, type RecordCopy } from "../capture/read-records.ts";

export interface Extracted extends Extraction {
  readonly file: Uint8Array;
}

export type Settings = Partial<ExtractOptions & AnalyzeOptions>;

export async function extracted(inputs: readonly ByteInput[], settings: Settings = {}): Promise<Extracted> {
  const parts: Uint8Array[] = [];
  const patches: [number, Uint8Array][] = [];
  const sink: ByteSink = {
    write: (octets) => void parts.push(octets.slice()),
    patch: (at, octets) => void patches.push([at, octets.slice()]),
  };
  const {
    ids = [],
    format = "pcapng",
    annotate = false,
    snapLength = null,
    anonymizeKey = null,
    ...options
  } = settings;
  const extraction = await extractFlows(inputs, sink, { ids, format, annotate, snapLength, anonymizeKey }, options);
  const file = concat(...parts);
  for (const [at, octets] of patches) file.set(octets, at);
  return { ...extraction, file };
}

/** A record, when it was captured in nanoseconds since the epoch, and where. */
export interface WholeRecord extends Omit<RecordCopy, "time" | "frame"> {
  readonly nanos: bigint;
}

export async function recordsOf(inputs: readonly ByteInput[]): Promise<WholeRecord[]> {
  const records: WholeRecord[] = [];
  const { turns, baseNanos } = await openCaptures(inputs);
  for await (const turn of turns()) {
    while (turn.next()) {
      const { time, frame: _, ...record } = copyOf(turn.record);
      records.push({ ...record, nanos: baseNanos + BigInt(time) });
    }
  }
  return records;
}

/** Without what says only where a record was stored. */
export function told(flows: readonly Flow[]): unknown[] {
  return flows.map((flow) => withoutPlaces(flow));
}

const PLACES: ReadonlySet<string> = new Set(["capture", "captures", "frame"]);

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (PLACES.has(name) ? [] : [[name, withoutPlaces(item)]])),
  );
}
