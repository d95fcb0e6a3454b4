import { type FSWatcher, watch } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";

/** A growing file is looked at so often, whether or not the file system tells of changes (a network's does not). */
const POLL_MILLISECONDS = 250;

/** How a file is followed while it is being written. */
export interface Follow {
  /** Until when by the clock of this host, in milliseconds since the epoch; Infinity: until it is let go of. */
  readonly untilMillis: number;
}

/**
 * Reads a file that is still being written, as `tail -F` does: at its end it waits for more. A file that was cut off, or replaced by
 * another of the same name, is read on from its new start; `onRestart` is told in front of the first chunk of it.
 */
export class FollowedFile implements AsyncIterable<Uint8Array> {
  readonly #path: string;
  readonly #octets: number;
  readonly #untilMillis: number;
  readonly #onRestart: () => void;
  #isLetGo = false;
  #wake: () => void = () => undefined;

  constructor(path: string, octets: number, { untilMillis }: Follow, onRestart: () => void) {
    this.#path = path;
    this.#octets = octets;
    this.#untilMillis = untilMillis;
    this.#onRestart = onRestart;
  }

  /** Ends the reading, also while it waits. */
  destroy(): void {
    this.#isLetGo = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    let file = await open(this.#path);
    let watcher = this.#watch();
    try {
      const buffer = new Uint8Array(this.#octets);
      let position = 0;
      while (!this.#isLetGo) {
        // Asked before the end is looked for: what was written until then belongs to the old file.
        const isReplaced = await isAnother(this.#path, file);
        const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
        position += bytesRead;
        if (bytesRead > 0) {
          yield buffer.subarray(0, bytesRead);
          continue;
        }
        const next = isReplaced ? await open(this.#path).catch(() => null) : null;
        if (next !== null) {
          watcher?.close();
          await file.close();
          [file, watcher, position] = [next, this.#watch(), 0];
          this.#onRestart();
        } else if ((await file.stat()).size < position) {
          position = 0;
          this.#onRestart();
        } else if (Date.now() >= this.#untilMillis) {
          return;
        } else {
          await this.#waitForMore();
        }
      }
    } finally {
      watcher?.close();
      await file.close();
    }
  }

  #watch(): FSWatcher | null {
    try {
      const watcher = watch(this.#path, () => this.#wake());
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      return null; // looking at it from time to time will do
    }
  }

  #waitForMore(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(POLL_MILLISECONDS, Math.max(0, this.#untilMillis - Date.now())));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Whether another file has this name now. Between a rename and the new file there is none. */
async function isAnother(path: string, file: FileHandle): Promise<boolean> {
  const [now, then] = await Promise.all([stat(path).catch(() => null), file.stat()]);
  return now !== null && (now.ino !== then.ino || now.dev !== then.dev);
}
