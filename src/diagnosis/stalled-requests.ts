import type { HalfCloseCase } from "./case.ts";
import { wasNotClosed } from "./draft.ts";
import { WAITED_NANOS_MIN } from "./half-close-case.ts";
import { type Cluster, clustersOf } from "./statistics.ts";
import { durationText, listText, secondsOf } from "./words.ts";

/** The client asked, waited, and closed; the server's kernel has acknowledged all of it, the application is silent. */
export const gaveUpWaiting = (one: HalfCloseCase): boolean =>
  isImpatient(one) && one.bytesAfterFin === 0 && wasNotClosed(one);

/** A server that closes behind its last answer waits for nothing. */
export const isImpatient = ({ holderRole, unanswered }: HalfCloseCase): boolean =>
  holderRole === "server" && unanswered !== null && unanswered.patienceNanos >= WAITED_NANOS_MIN;

/** Settings are behind most waits, or behind none: of many waits of any length some lie close together by chance. */
const SETTINGS_SHARE_MIN = 0.6;
const SETTING_SHARE_MIN = 0.08;

/** How long clients waited, where the same time comes again and again. */
export function patienceOf(cases: readonly HalfCloseCase[]): Cluster[] {
  const waits = cases.filter(isImpatient).flatMap(({ unanswered }) => unanswered?.patienceNanos ?? []);
  const clusters = clustersOf(waits, Math.max(2, Math.ceil(SETTING_SHARE_MIN * waits.length)));
  const explained = clusters.reduce((sum, { count }) => sum + count, 0);
  return explained >= SETTINGS_SHARE_MIN * waits.length ? clusters : [];
}

export const patienceEvidence = (clusters: readonly Cluster[]): Record<string, unknown>[] =>
  clusters.map(({ value, count, spread }) => ({
    seconds: secondsOf(value),
    connections: count,
    spreadSeconds: secondsOf(spread),
  }));

/** ` Clients gave up after 1.00 s, 1.10 s and 1.20 s.` */
export function patienceText(clusters: readonly Cluster[]): string {
  if (clusters.length === 0) return "";
  return ` Clients gave up after ${listText(
    clusters.map(({ value }) => durationText(value)),
    5,
  )}.`;
}

export const unansweredBytes = (cases: readonly HalfCloseCase[]): number =>
  cases.reduce((sum, { unanswered }) => sum + (unanswered?.bytes ?? 0), 0);

export const firstRequestAt = (cases: readonly HalfCloseCase[]): number =>
  cases.reduce(
    (first, { unanswered, openedAt }) => Math.min(first, unanswered?.at ?? openedAt),
    Number.POSITIVE_INFINITY,
  );
