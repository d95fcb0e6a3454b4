import { setMaxListeners } from "node:events";
import { CloseWaitError } from "../errors.ts";
import { type ByteInput, CHUNK_OCTETS_MAX } from "./byte-source.ts";
import { Capture, type CaptureSummary } from "./capture.ts";
import { capturePoints, PointFinder, type PointMember } from "./capture-points.ts";
import type { Follow } from "./followed-file.ts";
import { resolveInputs } from "./inputs.ts";
import type { ReaderChoice } from "./open-reader.ts";
import { grouped } from "./problem-log.ts";
import { RecordMerge, type RecordTurn } from "./record-turns.ts";
import { missingFiles } from "./rotation.ts";
import type { ZstdDecoder } from "./unzstd.ts";

export interface CaptureOptions {
  /** Our own readers, or the package pcap-parser as an independent second one. */
  readonly reader?: ReaderChoice | undefined;
  /** Throw if any input cannot be read, instead of reporting it as a problem of its capture. */
  readonly strict?: boolean | undefined;
  /** Called after each chunk. `bytesTotal` is null when the size of an input is not known. */
  readonly onProgress?: ((bytesRead: number, bytesTotal: number | null) => void) | undefined;
  /** Ends the reading early: what was read counts. */
  readonly signal?: AbortSignal | undefined;
  /** The newest capture, by its first record, is read on while it is being written. */
  readonly follow?: Follow | undefined;
  /** Who may decompress zstd, in this order; unless given, whoever is there. */
  readonly zstdBy?: readonly ZstdDecoder[] | undefined;
}

export interface CaptureSet {
  /** Nanoseconds since the epoch of the earliest first record: all relative times count from here. */
  readonly baseNanos: bigint;
  /** Sorted by first record, those without records behind; a capture's number is its place here. */
  readonly captures: readonly CaptureSummary[];
  /** Size of all of them as they are stored; null when it is not known. */
  readonly octets: number | null;
  /** All records of all captures in the order of time, to be iterated once. */
  turns(): AsyncIterable<RecordTurn>;
}

/** Bytes read to find the first record of a capture that will be opened again. */
const PEEK_OCTETS = 64 * 1024;

/** Captures looked at side by side: enough to hide the latency of the file system. */
const PEEKS_AT_ONCE = 16;

/**
 * Opens all inputs, looks up the first record of each, and puts them in order. Names do not matter for the order: rotated files
 * sort by what is in them.
 */
export async function openCaptures(inputs: readonly ByteInput[], options: CaptureOptions = {}): Promise<CaptureSet> {
  // Every open capture listens for the end.
  if (options.signal) setMaxListeners(0, options.signal);
  const captures = (await resolveInputs(inputs)).map((input) => new Capture(input));
  for (const capture of captures) capture.isFollowed = captures.length === 1;
  await peekAll(captures, options);
  refuseUnreadable(captures, options.strict ?? false);

  captures.sort(byFirstRecord);
  const found = captures.filter(({ error }) => !error);
  for (const { after, message } of missingFiles(found.map(({ path }) => path))) found[after]?.noteGap(message);
  const baseNanos = captures.find(({ firstNanos }) => firstNanos !== null)?.firstNanos ?? 0n;
  for (const capture of captures) capture.rebase(baseNanos);
  const newest = captures.findLast(({ hasRecords }) => hasRecords);
  if (newest) newest.isFollowed = true;
  return { baseNanos, captures, octets: octetsOf(captures), turns: () => readTurns(captures, options) };
}

/** Inputs that cannot be read have no size, and need none. */
function octetsOf(captures: readonly Capture[]): number | null {
  if (captures.some(({ size, error }) => size === null && !error)) return null;
  return captures.reduce((sum, { size }) => sum + (size ?? 0), 0);
}

function readTurns(captures: readonly Capture[], options: CaptureOptions): AsyncIterable<RecordTurn> {
  const { onProgress, reader, signal, zstdBy, follow, strict = false } = options;
  const bytesTotal = octetsOf(captures);
  let bytesRead = captures.reduce((sum, { hasRecords, bytes }) => sum + (hasRecords ? 0 : bytes), 0);
  const onBytes = (bytes: number) => {
    bytesRead += bytes;
    if (bytes > 0) onProgress?.(bytesRead, bytesTotal);
  };
  const finder = new PointFinder();
  for (const capture of captures) {
    capture.onJoin = () => {
      capture.point = finder.add(new JoinedCapture(capture));
    };
  }
  const onEnd = async () => {
    for (const capture of captures) await capture.close();
    const points = capturePoints(captures);
    for (const [number, capture] of captures.entries()) capture.point = points[number] ?? 0;
    if (strict) refuseUnreadable(captures, strict);
  };
  return new RecordMerge(captures, { reader, signal, zstdBy, follow, onBytes, onEnd });
}

/** A capture whose turn has come: it begins where its first record lies, and goes as far as it has been read. */
class JoinedCapture implements PointMember {
  readonly #capture: Capture;

  constructor(capture: Capture) {
    this.#capture = capture;
  }

  get path() {
    return this.#capture.path;
  }

  get linkTypes() {
    return this.#capture.linkTypes;
  }

  get firstAt() {
    return this.#capture.startsAt;
  }

  get lastAt() {
    return this.#capture.lastAt ?? this.firstAt;
  }

  get isOpen() {
    return this.#capture.isOpen;
  }
}

async function peekAll(
  captures: readonly Capture[],
  { reader, signal, zstdBy, follow }: CaptureOptions,
): Promise<void> {
  const isOnly = captures.length === 1;
  const streamOptions = { reader, signal, zstdBy, follow, chunkOctets: isOnly ? CHUNK_OCTETS_MAX : PEEK_OCTETS };
  const left = captures.values();
  const peekInTurn = async () => {
    for (const capture of left) await capture.peek(streamOptions, isOnly);
  };
  await Promise.all(Array.from({ length: PEEKS_AT_ONCE }, peekInTurn));
}

/** A bad input among good ones is a problem of its capture; nothing but bad ones is an error. */
function refuseUnreadable(captures: readonly Capture[], strict: boolean): void {
  const errors = captures.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (first && (strict || captures.length === 1)) throw first;
  if (errors.length < captures.length) return;
  const what = first ? `none of ${grouped(errors.length)} inputs can be read; the first: ${first.message}` : NO_INPUT;
  throw new CloseWaitError("nothing-readable", what);
}

const NO_INPUT = 'no input; pass capture files, directories, or "-" for standard input';

function byFirstRecord(a: Capture, b: Capture): number {
  if (a.hasRecords !== b.hasRecords) return a.hasRecords ? -1 : 1;
  // Records without a time stand at the base, in front of all others.
  if (a.firstNanos === null || b.firstNanos === null)
    return Number(a.firstNanos !== null) - Number(b.firstNanos !== null);
  return a.firstNanos < b.firstNanos ? -1 : Number(a.firstNanos > b.firstNanos);
}
