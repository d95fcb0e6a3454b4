import { EXIT_CODES } from "./exit-code.ts";
import type { CliIo } from "./io.ts";

export interface Interrupt {
  readonly signal: AbortSignal;
  stop(): void;
}

/** The first Ctrl-C ends the reading, and what is known so far is printed; the second ends the process. */
export function listenForInterrupt(io: CliIo): Interrupt {
  const controller = new AbortController();
  const stop = io.onInterrupt(() => {
    if (controller.signal.aborted) io.exitNow(EXIT_CODES.interrupted);
    controller.abort();
  });
  return { signal: controller.signal, stop };
}
