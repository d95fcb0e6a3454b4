/** The recordings of real kernels in `captures/`, for laws that hold for any capture. */
import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { openCaptures } from "../../src/capture/capture-set.ts";
import type { CaptureFrame } from "../build/capture-frame.ts";

const FOLDER = new URL("../../captures/", import.meta.url);

export interface Recording {
  readonly name: string;
  readonly path: string;
  readonly frames: readonly CaptureFrame[];
  /** LINKTYPE_ number. */
  readonly linkType: number;
}

export const RECORDING_NAMES: readonly string[] = readdirSync(FOLDER)
  .filter((name) => /\.(pcap|pcapng)(\.gz)?$/.test(name))
  .sort();

export function pathOf(name: string): string {
  return new URL(name, FOLDER).pathname;
}

/** As stored, decompressed. */
export function octetsOf(name: string): Uint8Array {
  const stored = readFileSync(pathOf(name));
  return new Uint8Array(name.endsWith(".gz") ? gunzipSync(stored) : stored);
}

/** The frames, to be written into other files. Reading them is another test's subject. */
export async function recordingOf(name: string): Promise<Recording> {
  const frames: CaptureFrame[] = [];
  let linkType = 0;
  const { turns, baseNanos } = await openCaptures([pathOf(name)]);
  for await (const turn of turns()) {
    while (turn.next()) {
      const { view, offset, capturedLength, originalLength, time } = turn.record;
      const octets = new Uint8Array(view.buffer, view.byteOffset + offset, capturedLength).slice();
      frames.push({ at: baseNanos + BigInt(time), octets, originalLength });
      linkType = turn.record.linkType;
    }
  }
  return { name, path: pathOf(name), frames, linkType };
}
