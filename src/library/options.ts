import { parseMoment } from "../analysis/moment.ts";
import {
  type AnalyzeOptions as AllOptions,
  DEFAULT_OPTIONS,
  type Moment,
  type Selection,
} from "../analysis/options.ts";
import { CloseWaitError } from "../errors.ts";

/** A moment: a `Date`; text as on the command line (ISO 8601, an epoch in seconds, `+12.5s` after the first packet, `end`); or exact. */
export type MomentInput = Date | string | Moment;

/** How to judge. The defaults are those of the command line, which has the same options. */
export interface AnalyzeOptions
  extends Partial<
    Pick<
      AllOptions,
      | "minAgeSeconds"
      | "flows"
      | "timeWaitSeconds"
      | "finTimeoutSeconds"
      | "reader"
      | "strict"
      | "threads"
      | "follow"
      | "onProgress"
      | "signal"
    >
  > {
  /** The capture was running until then: a quiet capture cannot know. */
  readonly until?: MomentInput | undefined;
  /** Packets before are not looked at. */
  readonly from?: MomentInput | undefined;
  /** Packets after are not looked at. */
  readonly to?: MomentInput | undefined;
  /** Which flows are looked at; those of the lists that are given all have to agree. */
  readonly selection?: Partial<Selection> | undefined;
}

const THREADS_MAX = 64;
const SECONDS = ["minAgeSeconds", "timeWaitSeconds", "finTimeoutSeconds"] as const;
const NAMES: ReadonlySet<string> = new Set([
  ...SECONDS,
  ...["flows", "reader", "strict", "threads", "follow", "onProgress", "signal", "until", "from", "to", "selection"],
]);

/** @throws CloseWaitError ("usage") that names the option */
export function readOptions(given: AnalyzeOptions): Partial<AllOptions> {
  for (const [name, value] of Object.entries(given)) {
    if (!NAMES.has(name)) throw new CloseWaitError("usage", `there is no option ${name}: ${[...NAMES].join(", ")}`);
    const isSeconds = SECONDS.some((known) => known === name);
    if (isSeconds && value !== undefined && !(typeof value === "number" && value >= 0)) {
      throw new CloseWaitError("usage", `${name}: expected seconds, 0 or more, got ${String(value)}`);
    }
  }
  const { until, from, to, selection, ...rest } = given;
  const { threads } = rest;
  if (threads !== undefined && !(Number.isInteger(threads) && threads > 0 && threads <= THREADS_MAX)) {
    throw new CloseWaitError("usage", `threads: expected a whole number from 1 to ${THREADS_MAX}, got ${threads}`);
  }
  const known = Object.entries(rest).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(known) as typeof rest),
    until: until === undefined ? undefined : readMoment("until", until),
    from: from === undefined ? undefined : readMoment("from", from),
    to: to === undefined ? undefined : readMoment("to", to),
    selection: { ...DEFAULT_OPTIONS.selection, ...selection },
  };
}

/** @throws CloseWaitError ("usage") */
export function readMoment(name: string, given: MomentInput): Moment {
  try {
    if (typeof given === "string") return parseMoment(given, true);
    if (given instanceof Date) return { kind: "absolute", nanos: BigInt(given.getTime()) * 1_000_000n };
    return given;
  } catch (error) {
    const reason = error instanceof CloseWaitError ? error.message : "this is no date";
    throw new CloseWaitError("usage", `${name}: ${reason}`, {}, error);
  }
}
