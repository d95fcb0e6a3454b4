/** The independent reader: columns of all TCP segments of a capture, as tshark sees them. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pcapFile } from "../build/captures.ts";

export const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

/** Of several headers in one frame the innermost; the first column is the frame number. */
export function tsharkColumns(
  path: string,
  fields: readonly string[],
  preferences: readonly string[] = [],
): string[][] {
  const columns = ["frame.number", ...fields].flatMap((field) => ["-e", field]);
  const options = ["tcp.relative_sequence_numbers:false", ...preferences].flatMap((preference) => ["-o", preference]);
  const args = ["-n", "-r", path, ...options, "-Y", "tcp", "-T", "fields", "-E", "occurrence=l", ...columns];
  const output = execFileSync("tshark", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 2 ** 30,
  });
  return output.split("\n").flatMap((line) => (line === "" ? [] : [line.split("\t")]));
}

/** Ports, sequence numbers and payload length by frame number: what must be the same. */
export type SegmentLines = ReadonlyMap<number, string>;

const FIELDS = ["tcp.srcport", "tcp.dstport", "tcp.seq", "tcp.ack", "tcp.len"];

/** What tshark finds in frames of one link type. */
export function tsharkSegments(frames: readonly Uint8Array[], linkType: number): SegmentLines {
  const folder = mkdtempSync(join(tmpdir(), "closewait-tshark-"));
  try {
    const path = join(folder, "frames.pcap");
    const captured = frames.map((octets, index) => ({ at: BigInt(index) * 1_000_000n, octets }));
    writeFileSync(path, pcapFile(captured, { linkType }));
    return new Map(tsharkColumns(path, FIELDS).map(([frame, ...numbers]) => [Number(frame), numbers.join()]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}
