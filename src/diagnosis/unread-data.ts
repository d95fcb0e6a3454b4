import { endpointText } from "../analysis/flow-name.ts";
import type { HalfCloseCase, TroubleCase } from "./case.ts";
import { aboutHalfCloses, type Detector, type Draft, isSettled, severityOf, troubleProof } from "./draft.ts";
import {
  firstRequestAt,
  gaveUpWaiting,
  patienceEvidence,
  patienceOf,
  patienceText,
  unansweredBytes,
} from "./stalled-requests.ts";
import { groupBy } from "./statistics.ts";
import { countOf, numberText } from "./words.ts";

/** What a server had in hand when it stopped may still be answered so long after. */
const LAST_ANSWER_NANOS = 0.1e9;

/**
 * Clients asked, gave up and closed; the application answered nobody any more, or did not even read: windows closed.
 *
 * Deliberately not reported: single unanswered requests between served ones, in which a handler failed (never-closed), and last words
 * that call for no answer (the client closes at once behind them). The window proves nothing short of zero.
 */
export const unreadData: Detector = (files) => {
  const stalled = files.open.filter(gaveUpWaiting);
  return [...groupBy(stalled, ({ service }) => service)].flatMap(([service, cases]) => {
    const closed = files.troubles.filter((one) => one.trouble === "window-closed" && one.service === service);
    const onset = firstRequestAt(cases);
    const hasStopped = service.answeredLast.after(onset + LAST_ANSWER_NANOS) === 0;
    if (!isSettled(cases) || (!hasStopped && closed.length === 0)) return [];
    return [draft(cases, closed, onset, hasStopped)];
  });
};

function draft(
  cases: readonly HalfCloseCase[],
  closed: readonly TroubleCase[],
  onset: number,
  hasStopped: boolean,
): Draft {
  const [{ service }] = cases as [HalfCloseCase, ...HalfCloseCase[]];
  const clusters = patienceOf(cases);
  const bytes = unansweredBytes(cases);
  const served = service.answeredLast.after(onset);
  const where = endpointText(service.ip, service.port);
  const about = aboutHalfCloses(cases);
  const windows =
    closed.length === 0
      ? ""
      : ` On ${countOf(closed.length, "further connection")} its window is closed: ${numberText(closed.reduce((sum, one) => sum + one.bytes, 0))} bytes were not read.`;
  return {
    kind: "unread-data",
    severity: severityOf(cases.length + closed.length),
    confidence: hasStopped && (closed.length > 0 || cases.length >= 3) ? "high" : "medium",
    holder: { ip: service.ip, port: service.port },
    since: onset,
    until: null,
    summary: `${where} ${hasStopped ? "stopped answering" : "left requests unanswered"}: ${countOf(cases.length, "connection")} with ${numberText(bytes)} bytes of unanswered requests ${cases.length === 1 ? "was" : "were"} closed by impatient clients, and ${cases.length === 1 ? "is" : "are"} in CLOSE-WAIT.${patienceText(clusters)}${windows}`,
    evidence: {
      connections: cases.length,
      unansweredBytes: bytes,
      clientTimeouts: patienceEvidence(clusters),
      windowsClosed: closed.length,
      answeredSince: served,
    },
    alternatives: [
      "read and not answered, rather than unread: Recv-Q in `ss` tells (above 1: unread)",
      ...(served > 0 ? ["a handler that fails for these requests and forgets to close (never-closed)"] : []),
    ],
    ...about,
    proofs: [...about.proofs, ...closed.map(troubleProof)],
  };
}
