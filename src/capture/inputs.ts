import { type BigIntStats, existsSync } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync, constants as zlibConstants } from "node:zlib";
import { CloseWaitError } from "../errors.ts";
import { type ByteInput, openSource, STANDARD_INPUT } from "./byte-source.ts";
import { isSkippable, little } from "./frame-walk.ts";
import { type Content, recognize } from "./magic.ts";
import { openBytes } from "./open-bytes.ts";
import { ProblemLog } from "./problem-log.ts";
import type { Problem } from "./record.ts";
import { ContentCensus } from "./same-content.ts";
import { unusable } from "./unusable.ts";

/** One thing to be read, as the arguments name it. */
export interface CaptureInput {
  readonly path: string;
  readonly bytes: ByteInput;
  /** What is remarkable about the way it was named. */
  readonly problems: readonly Problem[];
  /** Why it cannot be read, if that is known already. */
  readonly error: CloseWaitError | null;
}

/** Octets of a file in a directory that tell whether it is a capture. */
const PROBE_OCTETS = 4096;

/** Compressed files that are costly to look into are captures if they are called so. */
const CAPTURE_NAME = /\.(pcap|pcapng|ntar|cap|dmp)\d*\.\w+$/i;

/**
 * What the arguments stand for. A path is a file, or a directory with all captures below it; what is no path may be a pattern; `-` is
 * standard input. The same file is taken once, however often and by whatever name it is given, and so are its copies.
 */
export async function resolveInputs(inputs: readonly ByteInput[]): Promise<CaptureInput[]> {
  const resolved: CaptureInput[] = [];
  const taken = new Map<string, number>();
  const contents = new ContentCensus();
  const noteAgain = (number: number, kind: string, message: string) => {
    resolved[number] = givenAgain(resolved[number] as CaptureInput, kind, message);
  };
  for (const input of inputs) {
    for (const found of typeof input === "string" ? await resolvePath(input) : [inMemory(input)]) {
      const file = await fileBehind(found.bytes);
      const number = resolved.length;
      const earlier = file && taken.get(file.identity);
      const same = file && earlier === undefined && (await contents.numberOfSame(found.path, file.size, number));
      if (typeof earlier === "number") noteAgain(earlier, "given-again", `given again as ${found.path}: read once`);
      else if (typeof same === "number")
        noteAgain(same, "same-content", `${found.path} holds the same octets: read once`);
      else resolved.push(found);
      if (file && earlier === undefined) taken.set(file.identity, typeof same === "number" ? same : number);
    }
  }
  return resolved;
}

async function resolvePath(path: string): Promise<CaptureInput[]> {
  if (path === STANDARD_INPUT) return [readable(path)];
  const status = await stat(path).catch(() => null);
  if (status === null && !existsSync(path)) return resolvePattern(path);
  return status?.isDirectory() ? resolveDirectory(path) : [readable(path)];
}

/** Loaded only if a path does not exist: most shells have resolved patterns already. */
async function resolvePattern(pattern: string): Promise<CaptureInput[]> {
  const { glob, isDynamicPattern } = await import("tinyglobby");
  if (!isDynamicPattern(pattern)) return [readable(pattern)]; // opening it says that it is not there
  const paths = await glob(pattern, { onlyFiles: true, expandDirectories: false, absolute: false });
  if (paths.length > 0) return paths.sort().map(readable);
  return [unreadable(pattern, unusable("unreadable", pattern, "no such file, and as a pattern it matches none"))];
}

async function resolveDirectory(directory: string): Promise<CaptureInput[]> {
  const { files, unlisted } = await listBelow(directory);
  const captures: CaptureInput[] = [];
  for (const path of files.sort()) {
    if (await mayBeCapture(path)) captures.push(readable(path));
  }
  if (captures.length > 0 || unlisted.length > 0) return [...captures, ...unlisted];
  const error = unusable(
    "nothing-readable",
    directory,
    "no capture in this directory or below; pass the files themselves",
  );
  return [unreadable(directory, error)];
}

interface Listing {
  readonly files: string[];
  /** Directories that cannot be listed: what is beside them can be read all the same. */
  readonly unlisted: CaptureInput[];
}

async function listBelow(directory: string, listing: Listing = { files: [], unlisted: [] }): Promise<Listing> {
  try {
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) await listBelow(path, listing);
      else if (entry.isFile() || entry.isSymbolicLink()) listing.files.push(path);
    }
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? cause;
    const message = `the directory cannot be listed (${reason}); pass the files themselves, or run as a user who may read it`;
    listing.unlisted.push(unreadable(directory, unusable("unreadable", directory, message, undefined, cause)));
  }
  return listing;
}

/** Everything else in a directory is none of our business: notes, scripts, logs. A file that may not be read might be evidence. */
async function mayBeCapture(path: string): Promise<boolean> {
  let start: Uint8Array;
  try {
    start = await startOf(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EACCES";
  }
  if (start.length === 0) return false;
  const content = recognize(start);
  if (isSkippable(little(start.subarray(0, 4)))) return CAPTURE_NAME.test(path) || holdsCapture(path);
  if (content.is !== "compressed") return content.is === "capture";
  if (content.by === "gzip") return isCapture(gunzipStart(start));
  return CAPTURE_NAME.test(path) || holdsCapture(path);
}

/** Decompresses the first octets, which may take a program. What no one here can decompress is nobody's capture. */
async function holdsCapture(path: string): Promise<boolean> {
  try {
    const { bytes, decompressed, start } = await openBytes(await openSource(path, { chunkOctets: PROBE_OCTETS }));
    await bytes.return();
    return decompressed !== null && start.length > 0 && isCapture(recognize(start));
  } catch (error) {
    if (error instanceof CloseWaitError) return false;
    throw error;
  }
}

async function startOf(path: string): Promise<Uint8Array> {
  if (!(await stat(path)).isFile()) return new Uint8Array(0);
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(PROBE_OCTETS), 0, PROBE_OCTETS, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function gunzipStart(compressed: Uint8Array): Content {
  try {
    return recognize(gunzipSync(compressed, { finishFlush: zlibConstants.Z_SYNC_FLUSH }));
  } catch {
    return recognize(new Uint8Array(0));
  }
}

function isCapture(content: Content): boolean {
  return content.is === "capture";
}

/** What tells one file from another, whatever they are called; null: it is none. */
async function fileBehind(bytes: ByteInput): Promise<{ readonly identity: string; readonly size: bigint } | null> {
  if (bytes === STANDARD_INPUT) return { identity: STANDARD_INPUT, size: 0n };
  if (typeof bytes !== "string") return null;
  const status: BigIntStats | null = await stat(bytes, { bigint: true }).catch(() => null);
  return status?.isFile() ? { identity: `${status.dev}:${status.ino}`, size: status.size } : null;
}

/** The first message of a kind is kept, further ones are counted. */
function givenAgain(input: CaptureInput, kind: string, message: string): CaptureInput {
  const log = new ProblemLog();
  for (const problem of input.problems) log.add(problem.kind, problem.message, problem.count);
  log.add(kind, message);
  return { ...input, problems: log.list };
}

function readable(path: string): CaptureInput {
  return { path, bytes: path, problems: [], error: null };
}

function unreadable(path: string, error: CloseWaitError): CaptureInput {
  return { path, bytes: path, problems: [], error };
}

function inMemory(bytes: Exclude<ByteInput, string>): CaptureInput {
  return { path: bytes instanceof Uint8Array ? "(memory)" : "(stream)", bytes, problems: [], error: null };
}
