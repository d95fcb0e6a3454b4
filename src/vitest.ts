/**
 * `import "closewait/vitest"` adds the matchers to vitest's `expect`, in a test file or in one of `setupFiles`. With `isolate: false` it
 * belongs into `setupFiles` itself (`setupFiles: ["closewait/vitest"]`): vitest then loads it for every file, and not for the first one only,
 * so that captures of tests that fail are kept.
 *
 * @packageDocumentation
 */
import { afterAll, afterEach, beforeEach, expect } from "vitest";
import type { CloseWaitMatchers } from "./matchers/matcher-types.ts";
import { matchers } from "./matchers/matchers.ts";
import { closeRecordings, removeRecordings } from "./record/recordings.ts";

export type { CloseWaitMatchers, HalfClosedOptions, NoStuckFlowsOptions } from "./matchers/matcher-types.ts";
export type { Age } from "./matchers/no-stuck-flows.ts";
export { matchers };

expect.extend(matchers);

// Captures of recordings are kept when a test has failed, whatever it has failed at. Of tests that run side by side nobody knows whose a
// capture is: then one failure keeps all.
let running = 0;
let haveFailed = false;
beforeEach(() => {
  running++;
});
afterEach(({ task }) => {
  running--;
  haveFailed ||= task.result?.state === "fail";
  if (running > 0) return;
  closeRecordings(haveFailed);
  haveFailed = false;
});
afterAll(removeRecordings);

declare global {
  namespace Chai {
    interface Assertion extends CloseWaitMatchers<void | Promise<void>> {}
  }
}

declare module "vitest" {
  // biome-ignore lint/suspicious/noExplicitAny: asymmetric matchers stand for any value, as vitest's own do.
  interface AsymmetricMatchersContaining extends CloseWaitMatchers<any> {}
}
