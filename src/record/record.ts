import { setTimeout as sleep } from "node:timers/promises";
import type { Ladder } from "../analysis/ladder.ts";
import type { Analysis, Verdict } from "../analysis/model.ts";
import { analyze } from "../library/analyze.ts";
import { showFlow } from "../questions.ts";
import { type Beacon, openBeacon } from "./beacon.ts";
import { Capturer } from "./capturer.ts";
import { passMarker } from "./marker.ts";
import { planOf, type RecordOptions, type RecordPlan } from "./options.ts";
import { nameOf } from "./place.ts";
import { beginRecording, CaptureFile, rememberProvenance } from "./recordings.ts";

/** What was recorded while the body ran. */
export interface Recording<Result> {
  /** Of every flow, observed until the recording stopped. */
  readonly analysis: Analysis;
  /** What the body returned. */
  readonly result: Result;
  /** The capture, for Wireshark. Removed when the test has passed, unless `keep` is "always". */
  readonly path: string;
  /** Packets the kernel dropped before they reached the file: with any of them, a missing FIN may be a missing packet. */
  readonly dropped: number;
}

/** What the body is given. */
export interface RecordContext {
  readonly path: string;
  /** Aborts when the recording does. */
  readonly signal: AbortSignal;
}

/** Nothing of the connection is left that could still change. */
const OVER: ReadonlySet<Verdict> = new Set(["closed", "reset", "refused"]);

const LADDER_COUNT_MAX = 3;
const POLL_MILLISECONDS = 25;

/**
 * Runs the body while a real tcpdump captures the traffic of its ports, and analyses what it saw. Begins when tcpdump is truly capturing;
 * after the body, waits until every connection is over or the settle time has passed, and until the last packet is in the file.
 *
 * Needs tcpdump and the privilege to capture: `recordSkipReason()` says whether they are there. Recordings may run side by side.
 *
 * @example
 * const { analysis } = await record({ port: 8080 }, () => fetch("http://127.0.0.1:8080/"));
 * expect(analysis).toHaveNoStuckFlows();
 *
 * @throws CloseWaitError ("cannot-record") when nothing can be captured; what the body throws; the reason of `signal`. The tcpdump is gone
 * then, too, and a capture that was begun is kept: standard error says where.
 */
export async function record<Result>(
  options: RecordOptions,
  body: (context: RecordContext) => Result | Promise<Result>,
): Promise<Recording<Result>> {
  const plan = planOf(options);
  plan.signal?.throwIfAborted();
  const beacon = await openBeacon(plan.place);
  const capturer = new Capturer(plan.place, `(${plan.filter}) or (udp and port ${beacon.port})`, plan.path);
  const file = new CaptureFile(plan.path, plan.keep === "always");
  let begun = false;
  try {
    return await untilAborted(plan.signal, async (signal) => {
      const allIsIn = () => passMarker(plan.path, beacon, () => [signal.throwIfAborted(), capturer.check()]);
      await capturer.listening();
      await allIsIn();
      begun = true;
      const result = await body({ path: plan.path, signal });
      await settle(plan, allIsIn);
      await allIsIn();
      const until = new Date();
      await capturer.stop();
      const analysis = await analyze(plan.path, { ...howToJudge(plan), until });
      const { dropped } = capturer;
      const recorded = `${plan.what} on ${nameOf(plan.place)}`;
      rememberProvenance(analysis, { file, recorded, dropped, ladders: await laddersOf(analysis, until) });
      return { analysis, result, path: plan.path, dropped };
    });
  } catch (error) {
    await capturer.stop();
    if (begun) file.keepAndSay();
    else file.remove();
    throw error;
  } finally {
    await closeAll(capturer, beacon);
  }
}

async function closeAll(capturer: Capturer, beacon: Beacon): Promise<void> {
  beacon.close();
  await capturer.stop();
}

/** The work goes on when nobody waits for it any more; but it must not hold up the one who called. */
async function untilAborted<T>(given: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal, end } = beginRecording(given);
  let onAbort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([work(signal), aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    end();
  }
}

/** Waits until every connection is over, at most for the settle time: what is still half-closed then had its chance. */
async function settle(plan: RecordPlan, allIsIn: () => Promise<void>): Promise<void> {
  const end = performance.now() + plan.settleSeconds * 1000;
  while (performance.now() < end) {
    const start = performance.now();
    await allIsIn();
    if (isOver(await analyze(plan.path, howToJudge(plan)))) return;
    // Looking takes longer the more there is to see: most of the time belongs to the service under test.
    const pause = Math.max(POLL_MILLISECONDS, 4 * (performance.now() - start));
    await sleep(Math.max(0, Math.min(pause, end - performance.now())));
  }
}

function isOver({ flows, totals }: Analysis): boolean {
  return totals.flows > 0 && flows.every(({ verdict }) => OVER.has(verdict));
}

const howToJudge = ({ minAgeSeconds }: RecordPlan) => ({ flows: "every", minAgeSeconds }) as const;

async function laddersOf(analysis: Analysis, until: Date): Promise<Map<string, Ladder>> {
  const halfClosed = analysis.flows.filter(({ verdict }) => verdict === "half-closed");
  const others = analysis.flows.filter(({ verdict }) => verdict !== "half-closed" && !OVER.has(verdict));
  const ladders = new Map<string, Ladder>();
  for (const { id } of [...halfClosed, ...others].slice(0, LADDER_COUNT_MAX)) {
    const moment = { kind: "absolute", nanos: BigInt(until.getTime()) * 1_000_000n } as const;
    const [capture] = analysis.captures;
    if (capture) ladders.set(id, await showFlow([capture.path], id, { until: moment }));
  }
  return ladders;
}
