import { close, fstat, open, read, type Stats, stat } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { promisify } from "node:util";
import { CloseWaitError } from "../errors.ts";
import { type Follow, FollowedFile } from "./followed-file.ts";
import { type InputName, unusable } from "./unusable.ts";

/** What can be read: a path, `-` for standard input, bytes in memory, or any stream of them. */
export type ByteInput = string | Uint8Array | AsyncIterable<Uint8Array>;

export const STANDARD_INPUT = "-";

const readInto = promisify(read);

/** Bytes read at once, at most: large enough that a read costs nothing beside the analysis of what it brought. */
export const CHUNK_OCTETS_MAX = 1024 * 1024;

/** After so many bytes timers and signals get their turn: input in memory would starve them. */
const BREATH_OCTETS = 8 * 1024 * 1024;

export interface ByteSource {
  readonly name: InputName;
  /** Size in bytes; null when it is not known beforehand. */
  readonly size: number | null;
  /** Whether the same input can be opened again, from its start. */
  readonly reopenable: boolean;
  /** The same bytes once more, not counted; null: they came only once. */
  again(): AsyncIterable<Uint8Array> | null;
  /** Bytes handed out so far. */
  readonly bytesRead: number;
  /** How often a followed file began anew: what is handed out next is the start of another. */
  readonly restarts: number;
  /** Each chunk is valid until the next one is asked for. Ends the input, and closes it, however the loop is left. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>;
  /** Ends the chunks, even while one is being waited for. */
  letGo(): void;
}

export interface SourceOptions {
  /** Size of the read buffers; there are two. */
  readonly chunkOctets?: number;
  /** Ends the chunks early, as if the input had ended. */
  readonly signal?: AbortSignal | undefined;
  /** Files are followed while they are being written. What is no file ends when it ends. */
  readonly follow?: Follow | undefined;
}

/**
 * Looks up what an input is. It is opened when its first chunk is asked for. Throws a CloseWaitError ("unreadable") that says why it
 * cannot be read, here or there.
 */
export async function openSource(input: ByteInput, options: SourceOptions = {}): Promise<ByteSource> {
  const { chunkOctets = CHUNK_OCTETS_MAX, signal } = options;
  if (input instanceof Uint8Array) {
    return counted("(memory)", input.length, () => slices(input, chunkOctets), null, signal);
  }
  if (typeof input !== "string") return counted("(stream)", null, null, input, signal);
  if (input === STANDARD_INPUT) return openStandardInput(chunkOctets, signal);

  const status = await attempt(input, promisify(stat)(input));
  refuseDirectory(input, status);
  if (options.follow && status.isFile()) {
    const followed = new FollowedFile(input, chunkOctets, options.follow, () => source.restarts++);
    const source = counted(input, null, () => null, followed, signal);
    return source;
  }
  const size = status.isFile() ? status.size : null;
  const read = () => readFile(input, bufferOctets(size, chunkOctets));
  return size === null ? counted(input, null, null, read(), signal) : counted(input, size, read, null, signal);
}

async function openStandardInput(chunkOctets: number, signal: AbortSignal | undefined): Promise<ByteSource> {
  const name = "standard input";
  const status = await attempt(name, promisify(fstat)(process.stdin.fd));
  refuseDirectory(name, status);
  if (status.isFile()) {
    return counted(name, status.size, null, readDescriptor(name, process.stdin.fd, chunkOctets), signal);
  }
  return counted(name, null, null, process.stdin, signal);
}

/** A file smaller than the buffers needs no more than its size and one octet, to see its end. */
function bufferOctets(size: number | null, chunkOctets: number): number {
  return size === null ? chunkOctets : Math.min(chunkOctets, size + 1);
}

async function* readFile(path: string, octets: number): AsyncGenerator<Uint8Array> {
  const descriptor = await attempt(path, promisify(open)(path, "r"));
  try {
    yield* readDescriptor(path, descriptor, octets);
  } finally {
    await promisify(close)(descriptor);
  }
}

/**
 * Reads a descriptor to its end through two buffers in turn: while the caller works on one, the other is being filled. So reading
 * and analysis overlap, and memory stays the same for any size.
 */
async function* readDescriptor(name: InputName, descriptor: number, octets: number): AsyncGenerator<Uint8Array> {
  const fill = (buffer: Uint8Array) => {
    const filling = readInto(descriptor, buffer, 0, octets, null);
    filling.catch(() => undefined); // it may fail while the caller is still at work on the other buffer
    return filling;
  };
  let [current, spare] = [new Uint8Array(octets), new Uint8Array(octets)];
  let filling = fill(current);
  try {
    while (true) {
      const { bytesRead } = await attempt(name, filling);
      if (bytesRead === 0) return;
      filling = fill(spare);
      yield current.subarray(0, bytesRead);
      [current, spare] = [spare, current];
    }
  } finally {
    await filling.catch(() => undefined); // a buffer may not be let go, nor a descriptor closed, while it is being read
  }
}

async function* slices(bytes: Uint8Array, octets: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += octets) yield bytes.subarray(offset, offset + octets);
}

const NOT_BYTES = "the stream brought something else than Uint8Array; do not set an encoding or object mode on it";

/** Bytes come from `open`, as often as one likes, or once from `given`. */
function counted(
  name: InputName,
  size: number | null,
  open: (() => AsyncIterable<Uint8Array> | null) | null,
  given: AsyncIterable<Uint8Array> | null,
  signal: AbortSignal | undefined,
): ByteSource & { restarts: number } {
  let sinceBreath = 0;
  const ending = new AbortController();
  const endings = [ending.signal, ...(signal ? [signal] : [])];
  const once = (input: AsyncIterable<Uint8Array>) => withOurErrors(name, untilAborted(input, endings));
  const source = {
    name,
    size,
    reopenable: open !== null,
    again: () => {
      const input = open?.();
      return input ? once(input) : null;
    },
    bytesRead: 0,
    restarts: 0,
    async *chunks() {
      const input = given ?? open?.();
      if (!input) return;
      for await (const chunk of once(input)) {
        if (!(chunk instanceof Uint8Array)) throw unusable("unreadable", name, NOT_BYTES);
        source.bytesRead += chunk.length;
        sinceBreath += chunk.length;
        if (sinceBreath >= BREATH_OCTETS) {
          sinceBreath = 0;
          await nextTurn();
        }
        yield chunk;
      }
    },
    letGo: () => ending.abort(),
  };
  return source;
}

/** A stream may fail with anything. */
async function* withOurErrors<T>(name: InputName, input: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* input;
  } catch (cause) {
    throw cause instanceof CloseWaitError ? cause : unreadable(name, cause);
  }
}

/** Hands on what comes until a signal says stop, even while waiting for a chunk that never comes. */
async function* untilAborted<T>(input: AsyncIterable<T>, signals: readonly AbortSignal[]): AsyncGenerator<T> {
  const isAborted = () => signals.some(({ aborted }) => aborted);
  const iterator = input[Symbol.asyncIterator]();
  let stop: () => void = () => undefined;
  const onAbort = () => stop();
  for (const signal of signals) signal.addEventListener("abort", onAbort);
  try {
    while (!isAborted()) {
      const step = await new Promise<IteratorResult<T> | null>((resolve, reject) => {
        stop = () => resolve(null);
        iterator.next().then(resolve, reject);
      });
      if (step === null || step.done) return;
      yield step.value;
    }
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", onAbort);
    const returned = iterator.return?.()?.catch(() => undefined);
    // Whoever waits for input would return only when it comes: let go of it. A stream lets go of the process, too.
    if (isAborted()) destroyStream(input);
    else await returned;
  }
}

function destroyStream(input: object): void {
  if ("destroy" in input && typeof input.destroy === "function") input.destroy();
}

function refuseDirectory(name: InputName, status: Stats): void {
  if (status.isDirectory()) throw unusable("unreadable", name, "is a directory, not a capture");
  if (status.isBlockDevice()) throw unusable("unreadable", name, "is a block device, not a capture");
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file; check the path",
  ENOTDIR: "no such file; check the path",
  EACCES: "permission denied; run as a user who may read it, or change its mode",
  EPERM: "permission denied; run as a user who may read it, or change its mode",
  EISDIR: "is a directory, not a capture",
  EMFILE: "too many open files; raise the limit (ulimit -n) or pass fewer overlapping captures",
  ENFILE: "too many open files; raise the limit (ulimit -n) or pass fewer overlapping captures",
  ELOOP: "too many symbolic links; check the path",
  EIO: "the device failed while reading (EIO)",
};

/** Awaits a system call and turns its error into one sentence. */
async function attempt<T>(name: InputName, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

function unreadable(name: InputName, cause: unknown): CloseWaitError {
  const code = String((cause as NodeJS.ErrnoException).code ?? cause);
  return unusable("unreadable", name, REASONS[code] ?? `cannot be read (${code})`, undefined, cause);
}
