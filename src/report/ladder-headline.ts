import type { Flow, Verdict } from "../analysis/model.ts";
import { wasHalfClosed } from "./age.ts";
import { formatDuration } from "./duration.ts";
import { formatSide } from "./endpoint-text.ts";
import type { Paper } from "./paper.ts";
import { glue } from "./text-width.ts";

const VERDICTS: Readonly<Record<Verdict, string>> = {
  opening: "Not open yet",
  refused: "Refused",
  unanswered: "Never answered",
  established: "Established",
  "fin-unacked": "A FIN that nobody acknowledged",
  "half-closed": "Half-closed",
  closing: "Being closed",
  closed: "Closed",
  reset: "Reset",
  undecided: "Undecided",
};

/** `Half-closed: 10.0.0.2:8080 (server) in CLOSE-WAIT since 02:45:25.000 for at least 10 min 2 s (stuck).` */
export function ladderHeadline(flow: Flow, paper: Paper): string {
  const parts = [...halfClosed(flow, paper), ...reset(flow)];
  const because = parts.length === 0 && flow.reasons.length > 0 ? [flow.reasons.join(", ")] : parts;
  return `${[VERDICTS[flow.verdict], because.join(", ")].filter((part) => part !== "").join(": ")}.`;
}

function halfClosed(flow: Flow, paper: Paper): string[] {
  const { closer, holder } = flow;
  if (!wasHalfClosed(flow) || holder === null) {
    if (closer !== null) return [`the ${closer} closed first`];
    return flow.verdict === "closed" ? ["both ends closed at the same time"] : [];
  }
  const { status, since, seconds } = flow.halfClose;
  const duration = glue(formatDuration(seconds));
  if (status === "ended") return [`${formatSide(flow, holder)} was in CLOSE-WAIT for ${duration}`];
  const age = status === "recent" ? `for ${duration}` : `for at least ${duration}`;
  return [`${formatSide(flow, holder)} in CLOSE-WAIT since ${paper.clock.millis(since)} ${age} (${status})`];
}

function reset({ reset }: Flow): string[] {
  return reset === null ? [] : [`reset by the ${reset.sender} in frame ${reset.frame}`];
}
