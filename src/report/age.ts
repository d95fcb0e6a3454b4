import type { Analysis, CaptureReport, Flow, HalfClose } from "../analysis/model.ts";

/** A flow whose half-close is known, open or ended. */
export interface HalfClosedFlow extends Flow {
  readonly halfClose: HalfClose;
}

export function wasHalfClosed(flow: Flow): flow is HalfClosedFlow {
  return flow.halfClose !== null;
}

export function isHalfClosed(flow: Flow): flow is HalfClosedFlow {
  return flow.halfClose !== null && flow.halfClose.status !== "ended";
}

/** Every connection that is half-closed at the end of observation. */
export function halfClosedFlows(analysis: Analysis): readonly HalfClosedFlow[] {
  return analysis.flows.filter(isHalfClosed);
}

/**
 * A quiet capture ends, as far as anyone can know, with the acknowledgment of the FIN: then the half-close was seen to
 * begin and nothing tells how long it lasted.
 */
export function isAgeUnknown(flow: HalfClosedFlow, captures: readonly CaptureReport[]): boolean {
  if (!flow.halfClose.atLeast || flow.halfClose.status === "ended") return false;
  return flow.captures.every((index) => {
    const until = captures[index]?.observedUntil;
    return until === undefined || until === null || until <= flow.halfClose.finAck.at;
  });
}
