import type { Analysis, Endpoint, Flow, Side } from "../analysis/model.ts";
import { isHalfClosed } from "../report/age.ts";
import { countOf } from "../report/count.ts";
import { formatDuration } from "../report/duration.ts";
import { formatEndpoint } from "../report/endpoint-text.ts";
import { sanitize } from "../report/sanitize.ts";
import { type Age, readAge } from "./no-stuck-flows.ts";
import { countedFlows, type Outcome, refuseUndecided, refuseUnlisted } from "./outcome.ts";

/** One end of a flow: `client`, `server`, an address, `address:port` with IPv6 in brackets, or a port. */
export type EndPattern = Side | string | number | Partial<Endpoint>;

export interface HalfClosedOptions {
  /** The end in CLOSE-WAIT. */
  readonly holder?: EndPattern | undefined;
  /** The end that closed first. */
  readonly closer?: EndPattern | undefined;
  /** Exactly so many; unless given, at least one. */
  readonly count?: number | undefined;
  /** Half-closed for so long, or longer. */
  readonly minAge?: Age | undefined;
}

/** There are half-closed flows like this. */
export function halfClosed(analysis: Analysis, options: HalfClosedOptions = {}): Outcome {
  refuseUndecided(analysis);
  refuseUnlisted(analysis);
  const { holder, closer, count, minAge } = options;
  const minSeconds = minAge === undefined ? 0 : readAge(minAge);
  const candidates = countedFlows(analysis).filter(isHalfClosed);
  const flows = candidates.filter(
    (flow) =>
      isEnd(flow, flow.holder, holder) && isEnd(flow, flow.closer, closer) && flow.halfClose.seconds >= minSeconds,
  );
  const pass = count === undefined ? flows.length > 0 : flows.length === count;
  const what = [
    ...(holder === undefined ? [] : [`held by ${textOf(holder)}`]),
    ...(closer === undefined ? [] : [`closed by ${textOf(closer)}`]),
    ...(minAge === undefined ? [] : [`half-closed for ${formatDuration(minSeconds)} or more`]),
  ].join(", ");
  const suffix = what === "" ? "" : ` ${what}`;
  const others = candidates.length - flows.length;
  const elsewhere = others > 0 ? ` (${countOf(others, "half-closed flow")} of another kind)` : "";
  return {
    pass,
    claim: `${count === undefined ? "a half-closed flow" : countOf(count, "half-closed flow")}${suffix}`,
    opposite: `${count === undefined ? "no half-closed flow" : `not ${countOf(count, "half-closed flow")}`}${suffix}`,
    found: `there ${flows.length === 1 ? "is" : "are"} ${flows.length === 0 ? "none" : flows.length}${elsewhere}`,
    flows: flows.length > 0 ? flows : candidates,
  };
}

function isEnd(flow: Flow, side: Side | null, pattern: EndPattern | undefined): boolean {
  if (pattern === undefined) return true;
  if (side === null) return false;
  const end = flow[side];
  if (typeof pattern === "number") return end.port === pattern;
  if (typeof pattern === "string") return [side, end.ip, formatEndpoint(end)].includes(pattern);
  return (pattern.ip ?? end.ip) === end.ip && (pattern.port ?? end.port) === end.port;
}

function textOf(pattern: EndPattern): string {
  if (typeof pattern === "number") return `port ${pattern}`;
  if (typeof pattern === "string")
    return pattern === "client" || pattern === "server" ? `the ${pattern}` : sanitize(pattern);
  const { ip, port } = pattern;
  return ip === undefined ? `port ${port ?? "any"}` : formatEndpoint({ ip, port: port ?? null });
}
