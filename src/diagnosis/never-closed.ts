import { endpointText } from "../analysis/flow-name.ts";
import { growthOf, stoppedAt } from "../analysis/growth.ts";
import { exhaustionOf } from "../analysis/holders.ts";
import { survival } from "../analysis/survival.ts";
import { type HalfCloseCase, holderPort } from "./case.ts";
import {
  aboutHalfCloses,
  type Detector,
  type Draft,
  earliest,
  type Files,
  isSettled,
  severityOf,
  spansOf,
  wasNotClosed,
} from "./draft.ts";
import { growthEvidence, growthText } from "./growth-text.ts";
import { isImpatient, patienceEvidence, patienceOf, patienceText, unansweredBytes } from "./stalled-requests.ts";
import { groupBy, medianOf } from "./statistics.ts";
import { goneAddresses } from "./vanished-peer.ts";
import { countOf, durationText, estimateOf, secondsOf } from "./words.ts";

/** The tail of closing times is long: what is not so many times longer than the 99th percentile may still be the tail. */
const TAIL_FACTOR = 3;
const NEARLY_FACTOR = 10;
const NEARLY_SHARE = 0.5;

/**
 * The holder acknowledged the FIN and never closed, for longer than this endpoint takes to close. What remains when no more specific
 * pattern explains it.
 *
 * Deliberately not reported: half-closes in which the holder sent on (a legal use of shutdown(), which may pause), and those that are no
 * older than what the same endpoint has closed. Where clients shut down right behind a question it is no more than a remark.
 */
export const neverClosed: Detector = (files) => {
  const silent = files.open.filter((one) => isSilent(one));
  const gone = goneAddresses(files);
  return [...groupBy(silent, holderName).values()].flatMap((group) => {
    const [{ holderRole, holderIp, service }] = group as [HalfCloseCase, ...HalfCloseCase[]];
    const closing = files.closingTimes(holderRole === "server" ? service.endpoint : holderIp);
    const p99 = closing?.quantile(0.99) ?? 0;
    const cases = group.filter((one) => isOlder(one, p99));
    if (isSettled(cases)) return [draft(cases, files, gone.has(holderIp))];
    const nearly = p99 > 0 ? cases.filter((one) => isNearlySettled(one, p99, files)) : [];
    return nearly.length > 0
      ? [{ ...draft(nearly, files, gone.has(holderIp)), severity: "low" as const, confidence: "low" as const }]
      : [];
  });
};

function isSilent(one: HalfCloseCase): boolean {
  return one.status !== "draining" && one.bytesAfterFin === 0 && wasNotClosed(one);
}

/** Beside others, a recent one counts if it is far older than this endpoint lets any become. */
function isOlder({ status, since, until }: HalfCloseCase, p99Seconds: number): boolean {
  return (until - since) / 1e9 > (status === "recent" ? TAIL_FACTOR : 1) * p99Seconds;
}

export const holderName = (one: HalfCloseCase): string => `${one.holderIp} ${holderPort(one)}`;

/** Recent by `--min-age`, and yet so old that this endpoint has not shown the like: worth a remark. */
function isNearlySettled({ since, until }: HalfCloseCase, p99Seconds: number, { minAgeNanos }: Files): boolean {
  const age = until - since;
  return age >= NEARLY_SHARE * minAgeNanos && age / 1e9 > NEARLY_FACTOR * p99Seconds;
}

function draft(cases: readonly HalfCloseCase[], files: Files, isGone: boolean): Draft {
  const { observedUntil, clock } = files;
  const [first] = cases as [HalfCloseCase, ...HalfCloseCase[]];
  const { holderRole, holderIp, service } = first;
  const port = holderPort(first);
  const closing = files.closingTimes(holderRole === "server" ? service.endpoint : holderIp);
  const p99 = closing?.quantile(0.99) ?? null;
  const ages = cases.map(({ since, until }) => (until - since) / 1e9).sort((a, b) => a - b);
  const estimate = survival(closing?.steps() ?? [], ages);
  const since = earliest(cases.map((one) => one.since));
  const growth = growthOf(spansOf(cases), observedUntil);
  const open = cases.filter(({ endedBy }) => endedBy === null).length;
  const impatient = cases.filter(isImpatient);
  const clusters = patienceOf(impatient);
  const flows = holderRole === "server" ? service.flows : first.caller.flows;
  const served = holderRole === "server" ? service.answeredBetween(since, observedUntil) : null;
  const where = port === null ? `${holderIp} (client)` : endpointText(holderIp, port);
  const waiting = cases.filter(({ endedOnQuestion }) => endedOnQuestion).length;
  const mayBeWaiting = 2 * waiting > cases.length;
  const lossy = cases.filter(({ hasLoss }) => hasLoss).length;
  const isClear = !mayBeWaiting && 2 * lossy <= cases.length && (p99 === null || medianOf(ages) > TAIL_FACTOR * p99);
  return {
    kind: "never-closed",
    severity: isClear ? severityOf(cases.length) : "low",
    confidence: isClear && !isGone && (closing?.count ?? 0) > 0 ? "high" : isClear ? "medium" : "low",
    holder: { ip: holderIp, port },
    since,
    until: stoppedAt(
      cases.map((one) => one.since).sort((a, b) => a - b),
      observedUntil,
    ),
    summary: `${where} does not close ${cases.length} of ${countOf(Math.max(flows, cases.length), "connection")}: ${holderRole === "client" ? "the server closed" : "the client closed"}, and nothing came back${agesText(ages)}.${normalText(closing?.count ?? 0, closing?.quantile(0.5) ?? null, p99)}${impatient.length > 0 ? ` On ${impatient.length} of them the last request was not answered.${patienceText(clusters)}` : ""}${growthText(growth)}`,
    evidence: {
      connections: cases.length,
      open,
      ofConnections: flows,
      share: Math.round((cases.length / Math.max(1, flows)) * 1000) / 1000,
      servedMeanwhile: served,
      oldestSeconds: ages.at(-1) ?? null,
      medianSeconds: medianOf(ages),
      lastsMedianSeconds: estimateOf(estimate.medianSeconds),
      lastsP95Seconds: estimateOf(estimate.p95Seconds),
      closesNormally: {
        count: closing?.count ?? 0,
        medianSeconds: estimateOf(closing?.quantile(0.5) ?? null),
        p99Seconds: estimateOf(p99),
      },
      endedOnQuestion: waiting,
      withCaptureLoss: lossy,
      unansweredRequests: impatient.length,
      unansweredBytes: unansweredBytes(impatient),
      clientTimeouts: patienceEvidence(clusters),
      idleBeforeFinMedianSeconds: secondsOf(medianOf(cases.map(({ idleNanos }) => idleNanos))),
      ...growthEvidence(growth, exhaustionOf(growth, open, observedUntil, clock)),
    },
    alternatives: [
      ...(isGone
        ? [`a FIN that was lost: later, nothing came from ${holderIp} any more, on any connection (vanished-peer)`]
        : []),
      "a descriptor that a child process inherited: the application closed, the socket lives on (`lsof -i`)",
      ...(mayBeWaiting
        ? ["a legal half-close: the client asked, shut down its side at once (shutdown()), and waits for the answer"]
        : []),
      ...(2 * lossy > cases.length
        ? ["FINs that the capture lost, as it lost other packets of these connections"]
        : []),
      ...(p99 === null || medianOf(ages) > TAIL_FACTOR * p99
        ? []
        : ["a slow close: the endpoint has taken nearly as long before"]),
      ...(impatient.length > 0 ? ["requests that were never read (unread-data): Recv-Q above 1 in `ss`"] : []),
    ],
    ...aboutHalfCloses(cases),
  };
}

function agesText(ages: readonly number[]): string {
  const oldest = durationText((ages.at(-1) ?? 0) * 1e9);
  return ages.length === 1 ? ` for ${oldest}` : ` for ${oldest}, in the median ${durationText(medianOf(ages) * 1e9)}`;
}

function normalText(count: number, median: number | null, p99: number | null): string {
  if (median === null || p99 === null) return " It was never seen to close.";
  return ` Normally it closes after ${durationText(median * 1e9)} (p99 ${durationText(p99 * 1e9)}, ${countOf(count, "connection")}).`;
}
