import { closeSync, existsSync, ftruncateSync, openSync, realpathSync, rmSync, writeSync } from "node:fs";
import { CloseWaitError } from "../errors.ts";
import { sanitize } from "../report/sanitize.ts";
import type { OutputFile } from "./io.ts";

/**
 * Opens a file for results. It is opened before the analysis, so that a wrong path is noticed before an hour of reading,
 * and emptied only by the first write, so that a failed analysis leaves an older result alone.
 */
export function openOutputFile(path: string, captures: readonly string[]): OutputFile {
  const existed = existsSync(path);
  if (existed && captures.some((capture) => existsSync(capture) && realpathSync(capture) === realpathSync(path))) {
    throw new CloseWaitError("usage", `-o ${sanitize(path)} would overwrite a capture that is to be read`);
  }
  const descriptor = openForWriting(path);
  let emptied = false;
  return {
    isTerminal: false,
    columns: undefined,
    write(text) {
      if (!emptied) empty(descriptor);
      emptied = true;
      const bytes = Buffer.from(text);
      for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
    },
    discard() {
      closeSync(descriptor);
      if (!existed) rmSync(path, { force: true });
    },
    close() {
      if (!emptied) empty(descriptor);
      closeSync(descriptor);
    },
  };
}

function openForWriting(path: string): number {
  try {
    return openSync(path, "a");
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^E\w+: ([^,]*),.*$/, "$1") : String(error);
    throw new CloseWaitError("usage", `cannot write ${sanitize(path)}: ${sanitize(reason)}`, {}, error);
  }
}

function empty(descriptor: number): void {
  try {
    ftruncateSync(descriptor);
  } catch {
    // A pipe or device has no length.
  }
}
