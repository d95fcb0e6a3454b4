import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteInput, type ByteSource, openSource } from "../capture/byte-source.ts";
import { CloseWaitError } from "../errors.ts";

const CHUNK_OCTETS = 256 * 1024;

/**
 * Inputs that can be read as often as wanted. What can be read only once, standard input or a pipe, is kept in a temporary file on its
 * first way through. That file loses its name as soon as it is open: it is gone when the process is, however that ends.
 */
export async function rereadable(inputs: readonly ByteInput[]): Promise<{ inputs: ByteInput[]; close(): void }> {
  const spools: Spool[] = [];
  const prepared: ByteInput[] = [];
  for (const input of inputs) {
    if (await isRereadable(input)) prepared.push(input);
    else {
      const spool = new Spool(input);
      spools.push(spool);
      prepared.push(spool);
    }
  }
  return {
    inputs: prepared,
    close: () => {
      for (const spool of spools) spool.close();
    },
  };
}

/** A pattern, or a path that does not exist, is for others to judge. */
async function isRereadable(input: ByteInput): Promise<boolean> {
  if (typeof input !== "string") return input instanceof Uint8Array;
  if (input === "-") return false;
  const status = await stat(input).catch(() => null);
  return status === null || status.isFile() || status.isDirectory() || status.isBlockDevice();
}

class Spool implements AsyncIterable<Uint8Array> {
  readonly #input: ByteInput;
  readonly #descriptor = openNameless();
  #octets = 0;
  #isFirst = true;
  #source: ByteSource | null = null;

  constructor(input: ByteInput) {
    this.#input = input;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    return isFirst ? this.#keep() : this.#again();
  }

  /** Called as that of a stream is, when nobody waits for the next chunk any more. */
  destroy(): void {
    this.#source?.letGo();
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  async *#keep(): AsyncGenerator<Uint8Array> {
    this.#source = await openSource(this.#input);
    for await (const chunk of this.#source.chunks()) {
      for (let written = 0; written < chunk.length; ) {
        written += this.#write(chunk, written);
      }
      this.#octets += chunk.length;
      yield chunk;
    }
  }

  #write(chunk: Uint8Array, from: number): number {
    try {
      return writeSync(this.#descriptor, chunk, from, chunk.length - from, this.#octets + from);
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      const advice = "set TMPDIR to a folder with more room, or save the capture first";
      throw new CloseWaitError("unreadable", `cannot keep the input in ${tmpdir()} (${reason}); ${advice}`, {}, cause);
    }
  }

  async *#again(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#octets; ) {
      const chunk = new Uint8Array(Math.min(CHUNK_OCTETS, this.#octets - at));
      const octets = readSync(this.#descriptor, chunk, 0, chunk.length, at);
      if (octets === 0) return;
      at += octets;
      yield chunk.subarray(0, octets);
    }
  }
}

/** A new file that only its descriptor leads to. */
export function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), "closewait-"));
  try {
    return openSync(join(folder, "spool"), "wx+", 0o600);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
