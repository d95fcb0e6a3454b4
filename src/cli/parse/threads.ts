import { CloseWaitError } from "../../errors.ts";

const THREADS_MAX = 64;

/** Parses a number of threads. */
export function parseThreads(text: string): number {
  if (!/^[1-9]\d?$/.test(text) || Number(text) > THREADS_MAX) {
    throw new CloseWaitError("usage", `'${text}' is not a number of threads: expected 1 to ${THREADS_MAX}`);
  }
  return Number(text);
}
