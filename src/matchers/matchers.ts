import type { Ladder } from "../analysis/ladder.ts";
import type { Analysis, FindingKind, Flow } from "../analysis/model.ts";
import { CloseWaitError } from "../errors.ts";
import type { CaptureInput } from "../library/inputs.ts";
import type { AnalyzeOptions } from "../library/options.ts";
import { provenanceOf } from "../record/recordings.ts";
import { accountOf, DETAILED_COUNT_MAX } from "./account.ts";
import { everyFlowClosed } from "./every-flow-closed.ts";
import { hasFinding } from "./finding.ts";
import { type HalfClosedOptions, halfClosed } from "./half-closed.ts";
import { type NoStuckFlowsOptions, noStuckFlows, readAge } from "./no-stuck-flows.ts";
import type { Outcome } from "./outcome.ts";

/** What `expect.extend` wants of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What a matcher knows of its expectation; undefined when it is called by itself. */
interface MatcherContext {
  readonly isNot?: boolean;
  /** `resolves`, `rejects` or an empty text; an asymmetric matcher has none. */
  readonly promise?: string;
}

type Judged = MatcherResult | Promise<MatcherResult>;

/**
 * For `expect.extend` of vitest and Jest. Each takes an analysis, or what `record` returned, and answers at once; or a path, or anything else
 * that `analyze` reads, and answers with a promise.
 */
export const matchers = {
  toHaveNoStuckFlows(this: MatcherContext | undefined, received: unknown, options: NoStuckFlowsOptions = {}): Judged {
    const { minAge } = refuseUnknown(options, ["minAge"]);
    return judge(received, this, (analysis) => noStuckFlows(analysis, options), ageOption(minAge));
  },
  toHaveHalfClosed(this: MatcherContext | undefined, received: unknown, options: HalfClosedOptions = {}): Judged {
    const { minAge } = refuseUnknown(options, ["holder", "closer", "count", "minAge"]);
    return judge(received, this, (analysis) => halfClosed(analysis, options), ageOption(minAge));
  },
  toCloseEveryFlow(this: MatcherContext | undefined, received: unknown): Judged {
    return judge(received, this, everyFlowClosed, { flows: "every" });
  },
  toHaveFinding(this: MatcherContext | undefined, received: unknown, kind: FindingKind): Judged {
    return judge(received, this, (analysis) => hasFinding(analysis, kind), {});
  },
};

const ageOption = (minAge: number | string | undefined): AnalyzeOptions =>
  minAge === undefined ? {} : { minAgeSeconds: readAge(minAge) };

/** A misspelt option would make an assertion weaker without a word. */
function refuseUnknown<Options extends object>(options: Options, names: readonly (keyof Options & string)[]): Options {
  const unknown = Object.keys(options).find((name) => !names.some((known) => known === name));
  if (unknown === undefined) return options;
  throw new CloseWaitError("usage", `there is no option ${unknown}: ${names.join(", ")}`);
}

type Expectation = (analysis: Analysis) => Outcome;

function judge(
  received: unknown,
  context: MatcherContext | undefined,
  expect: Expectation,
  options: AnalyzeOptions,
): Judged {
  const isNot = context?.isNot === true;
  const analysis = analysisIn(received);
  if (analysis === null) {
    const input = captureIn(received);
    if (context !== undefined && !("promise" in context)) throw new CloseWaitError("usage", ASYMMETRIC);
    return judgeCapture(input, isNot, expect, options);
  }
  const outcome = expect(analysis);
  if (outcome.pass === isNot) provenanceOf(analysis)?.file.keep();
  return { pass: outcome.pass, message: () => accountOf(outcome, analysis, isNot) };
}

/** The reading is loaded only by those who read: matchers load with every test file. */
async function judgeCapture(
  input: CaptureInput,
  isNot: boolean,
  expect: Expectation,
  options: AnalyzeOptions,
): Promise<MatcherResult> {
  const { analyze } = await import("../library/analyze.ts");
  const analysis = await analyze(input, options);
  const outcome = expect(analysis);
  const ladders =
    outcome.pass === isNot && typeof input === "string" ? await laddersOf(input, outcome.flows) : new Map();
  return { pass: outcome.pass, message: () => accountOf(outcome, analysis, isNot, ladders) };
}

async function laddersOf(path: string, flows: readonly Flow[]): Promise<Map<string, Ladder>> {
  const { showFlow } = await import("../library/show-flow.ts");
  const ladders = new Map<string, Ladder>();
  for (const { id } of flows.slice(0, DETAILED_COUNT_MAX)) ladders.set(id, await showFlow(path, id));
  return ladders;
}

/** An analysis, or that of a recording; null: something to be analysed. */
export function analysisIn(received: unknown): Analysis | null {
  if (isAnalysis(received)) return received;
  const { analysis } = (received ?? {}) as { readonly analysis?: unknown };
  return isAnalysis(analysis) ? analysis : null;
}

/** Nobody waits for an asymmetric matcher, and its negation would hold of any promise. */
const ASYMMETRIC = "inside of another value only an analysis can be judged: await analyze(path) before";

/** At once: of a promise that nobody awaits, nobody would hear. */
function captureIn(received: unknown): CaptureInput {
  const isPromise = received instanceof Promise;
  const isObject = typeof received === "object" && received !== null && !isPromise;
  // A plain object is what somebody meant to be an analysis.
  const isPlain =
    isObject && Object.getPrototypeOf(received) === Object.prototype && !(Symbol.asyncIterator in received);
  if (typeof received === "string" || (isObject && !isPlain)) return received as CaptureInput;
  const plain = isPlain ? `an object with ${Object.keys(received).join(", ") || "nothing in it"}` : String(received);
  const found = isPromise ? "a promise: await it first" : plain;
  throw new CloseWaitError("usage", `expected an analysis, what record returned, or a capture; got ${found}`);
}

const isAnalysis = (value: unknown): value is Analysis =>
  typeof value === "object" && value !== null && "schemaVersion" in value && "totals" in value && "flows" in value;
