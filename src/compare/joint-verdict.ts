import type { Side, Verdict } from "../analysis/model.ts";
import type { EndView, FlowView } from "./flow-view.ts";
import type { Discrepancy } from "./model.ts";

export interface JointVerdict {
  readonly verdict: Verdict;
  /** What one point did not see, and which therefore explains the difference. */
  readonly because: Discrepancy | null;
}

/** Of two views without a FIN the one that saw more is right. */
const MOST_SEEN_FIRST: readonly Verdict[] = [
  "reset",
  "closed",
  "half-closed",
  "fin-unacked",
  "closing",
  "established",
  "opening",
  "unanswered",
  "undecided",
];

/**
 * What became of a connection by all that was seen at either point: an end closed if its FIN passed one of them, and its peer knows of it
 * only if the FIN came through.
 */
export function judgeTogether(views: readonly FlowView[], discrepancies: readonly Discrepancy[]): JointVerdict {
  const verdict = verdictOf(views, discrepancies);
  const never = discrepancies.filter(({ fate, arrivedLater }) => fate !== "not-captured" && !arrivedLater);
  const order = ["RST", "FIN", "SYN-ACK", "SYN", "ACK of FIN"];
  const [because = null] = never.toSorted((a, b) => order.indexOf(a.segment) - order.indexOf(b.segment));
  return { verdict, because };
}

function verdictOf(views: readonly FlowView[], discrepancies: readonly Discrepancy[]): Verdict {
  const given = views.map(({ verdict }) => verdict);
  const [first] = given;
  if (first !== undefined && given.every((verdict) => verdict === first)) return first;
  if (views.some(({ reset }) => reset?.refused === true)) return "refused";
  const [client, server] = [sides(views, "client"), sides(views, "server")];
  const hasFin = (ends: readonly EndView[]) => ends.some(({ fin, finInferred }) => fin !== null || finInferred);
  const isLost = (side: Side) =>
    discrepancies.some(
      ({ segment, sender, fate, arrivedLater }) =>
        segment === "FIN" && sender === side && fate === "lost" && !arrivedLater,
    );
  const bothClosed = hasFin(client) && hasFin(server);
  if (views.some(({ reset }) => reset !== null)) return bothClosed ? "closed" : "reset";
  if (isLost("client") || isLost("server")) return "fin-unacked";
  if (bothClosed) return given.includes("fin-unacked") ? "fin-unacked" : "closed";
  const isAcknowledged = (ends: readonly EndView[]) => ends.some(({ fin }) => fin?.ack != null);
  // A FIN that is acknowledged at its receiver's side took effect there, whatever became of the acknowledgment.
  if (given.includes("half-closed") && (isAcknowledged(client) || isAcknowledged(server))) return "half-closed";
  return MOST_SEEN_FIRST.find((verdict) => given.includes(verdict)) ?? "undecided";
}

const sides = (views: readonly FlowView[], side: Side): EndView[] => views.map(({ ends }) => ends[side]);
