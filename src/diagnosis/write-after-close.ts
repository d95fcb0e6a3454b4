import { endpointText } from "../analysis/flow-name.ts";
import { type HalfCloseCase, holderPort } from "./case.ts";
import { aboutHalfCloses, type Detector, earliest, latest } from "./draft.ts";
import { holderName } from "./never-closed.ts";
import { groupBy, medianOf } from "./statistics.ts";
import { countOf, durationText, secondsOf } from "./words.ts";

/** What is written sooner crossed the FIN, or was on its way (rule 6 a). */
const LATE_WRITE_NANOS = 1e9;

/**
 * The holder wrote when the closer was long gone; a RST answered.
 *
 * Deliberately not reported: answers that crossed the close, and clients that write to a server that closed at once (eager, not late).
 */
export const writeAfterClose: Detector = ({ open }) => {
  const late = open.filter(({ lateWriteNanos }) => lateWriteNanos !== null && lateWriteNanos >= LATE_WRITE_NANOS);
  return [...groupBy(late, holderName).values()].map((cases) => {
    const [first] = cases as [HalfCloseCase, ...HalfCloseCase[]];
    const port = holderPort(first);
    const delays = cases.map(({ lateWriteNanos }) => lateWriteNanos ?? 0);
    const where = port === null ? `${first.holderIp} (client)` : endpointText(first.holderIp, port);
    return {
      kind: "write-after-close",
      severity: cases.length >= 3 ? "medium" : "low",
      confidence: "high",
      holder: { ip: first.holderIp, port },
      since: earliest(cases.map(({ since }) => since)),
      until: latest(cases.map(({ until }) => until)),
      summary: `${where} wrote to ${countOf(cases.length, "connection")} ${durationText(medianOf(delays))} after the peer had closed${cases.length > 1 ? " (median)" : ""}, and was answered by a reset: the end of file had not been noticed, or not heeded.`,
      evidence: {
        connections: cases.length,
        delayMedianSeconds: secondsOf(medianOf(delays)),
        delayMaxSeconds: secondsOf(latest(delays)),
        bytesWritten: cases.reduce((sum, { bytesAfterFin }) => sum + bytesAfterFin, 0),
      },
      ...aboutHalfCloses(cases),
    };
  });
};
