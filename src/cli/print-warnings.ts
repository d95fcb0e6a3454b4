import type { CaptureReport } from "../analysis/model.ts";
import { warnings } from "../report/warnings.ts";
import type { CliIo } from "./io.ts";

/** What is wrong with the captures, a line each, on standard error. */
export function printWarnings(captures: readonly CaptureReport[], io: CliIo): void {
  for (const warning of warnings(captures)) io.stderr.write(`closewait: warning: ${warning}\n`);
}
