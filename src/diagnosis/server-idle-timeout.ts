import { endpointText } from "../analysis/flow-name.ts";
import { aboutHalfCloses, type Detector, earliest, latest } from "./draft.ts";
import { idleTimeoutOf, wasIdle } from "./idle-pool.ts";
import { groupBy } from "./statistics.ts";
import { countOf, durationText, secondsOf } from "./words.ts";

/** The same value so often is a setting. */
const SAMPLE_MIN = 3;

/**
 * A fixed idle time before the FIN of a server. A remark beside the finding about the pool that outlives it.
 *
 * Deliberately not reported: connections whose client closed in time; then nobody needs to know.
 */
export const serverIdleTimeout: Detector = ({ halfCloses }) => {
  const idle = halfCloses.filter((one) => one.holderRole === "client" && wasIdle(one));
  return [...groupBy(idle, ({ service }) => service)].flatMap(([service, cases]) => {
    const timeout = idleTimeoutOf(cases);
    if (timeout === null) return [];
    return [
      {
        kind: "server-idle-timeout" as const,
        severity: "low" as const,
        confidence: timeout.count >= 2 * SAMPLE_MIN ? ("high" as const) : ("medium" as const),
        holder: { ip: service.ip, port: service.port },
        since: earliest(cases.map(({ since }) => since)),
        until: latest(cases.map(({ since }) => since)),
        summary: `${endpointText(service.ip, service.port)} closes connections after ${durationText(timeout.nanos)} of idleness (${countOf(timeout.count, "time")}, ± ${durationText(timeout.spread / 2)}).`,
        evidence: {
          idleTimeoutSeconds: secondsOf(timeout.nanos),
          spreadSeconds: secondsOf(timeout.spread),
          sample: timeout.count,
        },
        ...aboutHalfCloses(cases),
        explains: [],
      },
    ];
  });
};
