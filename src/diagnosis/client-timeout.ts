import { endpointText } from "../analysis/flow-name.ts";
import { aboutHalfCloses, type Detector, earliest, latest } from "./draft.ts";
import { isImpatient, patienceEvidence, patienceOf } from "./stalled-requests.ts";
import { groupBy } from "./statistics.ts";
import { durationText, listText } from "./words.ts";

/** The same value so often is a setting. */
const SAMPLE_MIN = 3;

/**
 * How long clients wait for an answer, where it is the same time again and again. A remark beside the finding that says what they waited
 * for.
 *
 * Deliberately not reported: clients that had been answered just before they closed; they have no patience to speak of.
 */
export const clientTimeout: Detector = ({ halfCloses }) => {
  const waited = halfCloses.filter((one) => one.holderRole === "server" && isImpatient(one));
  return [...groupBy(waited, ({ service }) => service)].flatMap(([service, cases]) => {
    const clusters = patienceOf(cases);
    const sample = clusters.reduce((sum, { count }) => sum + count, 0);
    if (sample < SAMPLE_MIN) return [];
    const values = clusters.map(({ value, count }) => `${durationText(value)} (${count} times)`);
    return [
      {
        kind: "client-timeout" as const,
        severity: "low" as const,
        confidence: sample >= 2 * SAMPLE_MIN ? ("high" as const) : ("medium" as const),
        holder: { ip: service.ip, port: service.port },
        since: earliest(cases.map(({ since }) => since)),
        until: latest(cases.map(({ since }) => since)),
        summary: `Clients of ${endpointText(service.ip, service.port)} give up ${listText(values, 5)} after an unanswered request: ${clusters.length === 1 ? "a time-out is" : "time-outs are"} set there.`,
        evidence: { clientTimeouts: patienceEvidence(clusters), sample: cases.length },
        ...aboutHalfCloses(cases),
        explains: [],
      },
    ];
  });
};
