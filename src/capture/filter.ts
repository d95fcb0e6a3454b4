import type { Readable, Writable } from "node:stream";

/** Something that decompresses what is written to it: a stream of node:zlib, or a program. */
export interface Filter {
  readonly input: Writable;
  readonly output: Readable;
  /** Asked when the output has ended: whether all the input made sense. */
  succeeded(): Promise<boolean>;
  /** Settles when nothing is left of it. */
  stop(): Promise<void>;
}

export interface FilterOptions {
  /** Called when no more input is wanted, though some may still be waited for. */
  readonly letGo: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a filter makes of the pieces; returns whether it made sense of all of them. Both sides keep their own pace: a piece is asked
 * for when the filter has taken the one before, and the filter goes on when its output has been taken.
 */
export async function* throughFilter(
  pieces: AsyncIterable<Uint8Array>,
  filter: Filter,
  { letGo, signal }: FilterOptions,
): AsyncGenerator<Uint8Array, boolean> {
  const stop = () => void filter.stop();
  signal?.addEventListener("abort", stop);
  const feeding = feed(pieces, filter.input);
  try {
    const isRead = yield* untilFailed(filter.output);
    letGo();
    const { error } = await feeding;
    if (error !== undefined) throw error;
    return isRead && (await filter.succeeded());
  } finally {
    signal?.removeEventListener("abort", stop);
    letGo();
    await filter.stop();
    await feeding;
  }
}

async function* untilFailed(output: Readable): AsyncGenerator<Uint8Array, boolean> {
  try {
    for await (const chunk of output) yield chunk;
    return true;
  } catch {
    return false; // broken input, or stopped
  }
}

/** Writes until the input is over, or the filter takes no more. Never rejects: what is wrong with the input is told in the end. */
async function feed(pieces: AsyncIterable<Uint8Array>, input: Writable): Promise<{ readonly error?: unknown }> {
  let settle: (taken: boolean) => void = () => undefined;
  input.on("error", () => settle(false)); // EPIPE: its end has been seen, or will be
  input.on("close", () => settle(false));
  const isTaken = (piece: Uint8Array) =>
    new Promise<boolean>((resolve) => {
      settle = resolve;
      if (input.destroyed) resolve(false);
      else input.write(piece, (error) => resolve(!error));
    });
  try {
    for await (const piece of pieces) {
      if (!(await isTaken(piece))) break;
    }
    return {};
  } catch (error) {
    return { error };
  } finally {
    input.end();
  }
}
