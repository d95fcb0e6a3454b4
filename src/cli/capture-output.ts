import {
  closeSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { CloseWaitError } from "../errors.ts";
import { openNameless } from "../extract/spool.ts";
import { sanitize } from "../report/sanitize.ts";
import type { CaptureOutput } from "./io.ts";

const CHUNK_OCTETS = 256 * 1024;

/**
 * Opens what a capture is written to. It comes into being whole or not at all: it is written under another name, which is gone when the
 * process ends before that, and renamed at the end. What cannot be renamed, a pipe or a device, is filled at the end.
 */
export async function openCaptureOutput(path: string, captures: readonly string[]): Promise<CaptureOutput> {
  const existing = statusOf(path);
  if (existing !== null) await refuseInput(path, existing, captures);
  if (existing?.isDirectory()) throw cannotWrite(path, "is a directory; name a file in it");
  if (existing !== null && !existing.isFile()) {
    return filledAtTheEnd(async (chunks) => fillDevice(path, chunks));
  }
  const target = existing === null ? path : realpathSync(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.part`);
  const file = buffered(attempt(path, () => openSync(temporary, "wx")));
  const remove = () => rmSync(temporary, { force: true });
  const forget = removedAtExit(remove);
  return {
    ...file,
    async commit() {
      file.close();
      attempt(path, () => renameSync(temporary, target));
      forget();
    },
    discard() {
      file.abandon();
      remove();
      forget();
    },
  };
}

/** Standard output is filled at the end, too: an empty answer is better than half of one. */
export function openCaptureStream(stream: NodeJS.WritableStream): CaptureOutput {
  return filledAtTheEnd(async (chunks) => {
    for (const chunk of chunks) {
      if (!stream.write(chunk)) await new Promise((resolve) => stream.once("drain", resolve));
    }
  });
}

function filledAtTheEnd(fill: (chunks: Iterable<Uint8Array>) => Promise<void>): CaptureOutput {
  const descriptor = openNameless();
  const file = buffered(descriptor);
  return {
    ...file,
    async commit() {
      file.flush();
      await fill(chunksOf(descriptor));
      file.abandon();
    },
    discard: () => file.abandon(),
  };
}

function* chunksOf(descriptor: number): Generator<Uint8Array> {
  for (let at = 0; at < fstatSync(descriptor).size; ) {
    const chunk = new Uint8Array(CHUNK_OCTETS);
    const octets = readSync(descriptor, chunk, 0, CHUNK_OCTETS, at);
    at += octets;
    yield chunk.subarray(0, octets);
  }
}

function fillDevice(path: string, chunks: Iterable<Uint8Array>): void {
  const descriptor = attempt(path, () => openSync(path, "w"));
  try {
    for (const chunk of chunks) attempt(path, () => writeAll(descriptor, chunk));
  } finally {
    closeSync(descriptor);
  }
}

/** Captures have small parts: they are written together. */
function buffered(descriptor: number) {
  const buffer = new Uint8Array(CHUNK_OCTETS);
  let filled = 0;
  let isOpen = true;
  const put = (octets: Uint8Array) => attempt("the capture", () => writeAll(descriptor, octets));
  const flush = () => {
    put(buffer.subarray(0, filled));
    filled = 0;
  };
  const abandon = () => {
    if (isOpen) closeSync(descriptor);
    isOpen = false;
  };
  return {
    write(octets: Uint8Array) {
      if (filled + octets.length > buffer.length) flush();
      if (octets.length > buffer.length) put(octets);
      else {
        buffer.set(octets, filled);
        filled += octets.length;
      }
    },
    patch(at: number, octets: Uint8Array) {
      flush();
      attempt("the capture", () => writeSync(descriptor, octets, 0, octets.length, at));
    },
    flush,
    /** Closes the file as it is. */
    abandon,
    close() {
      flush();
      abandon();
    },
  };
}

function writeAll(descriptor: number, octets: Uint8Array): void {
  for (let written = 0; written < octets.length; ) written += writeSync(descriptor, octets, written);
}

async function refuseInput(path: string, { dev, ino }: Stats, captures: readonly string[]): Promise<void> {
  const { resolveInputs } = await import("../capture/inputs.ts");
  for (const { bytes } of await resolveInputs(captures)) {
    const input = typeof bytes === "string" ? statusOf(bytes) : null;
    if (input?.isFile() && input.dev === dev && input.ino === ino) {
      throw new CloseWaitError("usage", `-o ${sanitize(path)} would overwrite a capture that is to be read`);
    }
  }
}

/** Also when somebody ends the process. Whatever happens to it otherwise, the signal then does what it always does. */
function removedAtExit(remove: () => void): () => void {
  const signals = ["SIGTERM", "SIGHUP"] as const;
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    forget();
    process.kill(process.pid, signal);
  };
  const forget = () => {
    process.off("exit", remove);
    for (const signal of signals) process.off(signal, onSignal);
  };
  process.on("exit", remove);
  for (const signal of signals) process.on(signal, onSignal);
  return forget;
}

function statusOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

function attempt<T>(path: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^E\w+: ([^,]*),.*$/, "$1") : String(error);
    throw cannotWrite(path, sanitize(reason), error);
  }
}

function cannotWrite(path: string, reason: string, cause?: unknown): CloseWaitError {
  return new CloseWaitError("usage", `cannot write ${sanitize(path)}: ${reason}`, {}, cause);
}
