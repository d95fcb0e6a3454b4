import { endpointText } from "../analysis/flow-name.ts";
import { survival } from "../analysis/survival.ts";
import { type HalfCloseCase, holderPort } from "./case.ts";
import { aboutHalfCloses, type Detector, type Draft, earliest, type Files, latest } from "./draft.ts";
import { holderName } from "./never-closed.ts";
import { isImpatient, patienceEvidence, patienceOf, patienceText } from "./stalled-requests.ts";
import { groupBy } from "./statistics.ts";
import { countOf, durationText } from "./words.ts";

/** One or two late closes happen anywhere. */
const LATE_COUNT_MIN = 3;

/**
 * The holder does close, but late; what is still open and no older belongs to it.
 *
 * Deliberately not reported: half-closes in use (the holder sent on), and one or two late closes. As long as nobody waited in vain it is
 * never more than a remark.
 */
export const slowClose: Detector = (files) =>
  [...groupBy(files.open.filter(mayBeLate), holderName).values()].flatMap((group) => {
    const closed = group.filter(({ endedBy }) => endedBy !== null);
    return closed.length < LATE_COUNT_MIN ? [] : [draft(group, closed, files)];
  });

function mayBeLate({ endedBy, resetCause, bytesAfterFin }: HalfCloseCase): boolean {
  const isOpenOrClosed = endedBy === null || endedBy === "fin" || resetCause === "unread-data-or-abort";
  return isOpenOrClosed && bytesAfterFin === 0;
}

function draft(cases: readonly HalfCloseCase[], closed: readonly HalfCloseCase[], files: Files): Draft {
  const [first] = cases as [HalfCloseCase, ...HalfCloseCase[]];
  const { holderRole, holderIp, service } = first;
  const port = holderPort(first);
  const durations = closed.map(({ since, until }) => (until - since) / 1e9).sort((a, b) => a - b);
  const open = cases.filter(({ endedBy }) => endedBy === null);
  const ages = open.map(({ since, until }) => (until - since) / 1e9).sort((a, b) => a - b);
  const estimate = survival(
    durations.map((seconds) => ({ seconds, count: 1 })),
    ages,
  );
  const impatient = cases.filter(isImpatient);
  const clusters = patienceOf(impatient);
  const closing = files.closingTimes(holderRole === "server" ? service.endpoint : holderIp);
  const where = port === null ? `${holderIp} (client)` : endpointText(holderIp, port);
  const median = estimate.medianSeconds;
  return {
    kind: "slow-close",
    severity: impatient.length >= LATE_COUNT_MIN ? "medium" : "low",
    confidence: "high",
    holder: { ip: holderIp, port },
    since: earliest(cases.map((one) => one.since)),
    until: open.length === 0 ? latest(cases.map((one) => one.until)) : null,
    summary: `${where} closes late: ${countOf(closed.length, "connection")} after ${median === null ? "" : `${durationText(median * 1e9)} in the median, `}${durationText((durations.at(-1) ?? 0) * 1e9)} at most${open.length > 0 ? `, and ${open.length} ${open.length === 1 ? "is" : "are"} still open` : ""}.${impatient.length > 0 ? ` The clients of ${impatient.length} waited for an answer in vain.${patienceText(clusters)}` : ""}`,
    evidence: {
      closed: closed.length,
      open: open.length,
      lastsMedianSeconds: median,
      lastsP95Seconds: estimate.p95Seconds,
      longestSeconds: durations.at(-1) ?? null,
      ofClosed: closing?.count ?? closed.length,
      unansweredRequests: impatient.length,
      clientTimeouts: patienceEvidence(clusters),
    },
    alternatives:
      open.length > 0
        ? [`never-closed, of the ${open.length} that are open: they are no older than what was closed`]
        : [],
    ...aboutHalfCloses(cases),
  };
}
