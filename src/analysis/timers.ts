import type { Timers } from "../tcp/timeline.ts";
import { NANOS_PER_SECOND } from "./clock.ts";
import type { AnalyzeOptions } from "./options.ts";

export function timersOf(options: Pick<AnalyzeOptions, "timeWaitSeconds" | "finTimeoutSeconds">): Timers {
  return {
    timeWaitNanos: options.timeWaitSeconds * NANOS_PER_SECOND,
    finTimeoutNanos: options.finTimeoutSeconds * NANOS_PER_SECOND,
  };
}
