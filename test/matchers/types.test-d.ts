/** What must type-check for users, and what must not. Checked by `tsc`, never run. */
import { expect } from "vitest";
import {
  type Analysis,
  analyze,
  assertEveryFlowClosed,
  assertNoFinding,
  assertNoStuckFlows,
  type Flow,
  flows,
  openCapture,
  type PacketRecord,
  type Recording,
  record,
} from "../../src/index.ts";
import type { CloseWaitMatchers } from "../../src/vitest.ts";

export async function matchersOnAnalyses(analysis: Analysis): Promise<void> {
  expect(analysis).toHaveNoStuckFlows();
  expect(analysis).not.toHaveNoStuckFlows({ minAge: "250ms" });
  await expect("a.pcap").toHaveHalfClosed({ holder: "10.0.0.2:8080", closer: "client", count: 3, minAge: 1 });
  expect(analysis).toHaveHalfClosed({ holder: { port: 8080 }, closer: { ip: "10.0.0.1" } });
  expect(analysis).toCloseEveryFlow();
  expect(analysis).not.toHaveFinding("never-touched");
  expect({ analysis }).toMatchObject({ analysis: expect.toHaveNoStuckFlows({ minAge: 2 }) });
  expect({ analysis }).toEqual({ analysis: expect.not.toHaveHalfClosed() });

  // @ts-expect-error: there is no such option
  expect(analysis).toHaveNoStuckFlows({ maxAge: 1 });
  // @ts-expect-error: a count is a number
  expect(analysis).toHaveHalfClosed({ count: "3" });
  // @ts-expect-error: a kind is needed
  expect(analysis).toHaveFinding();
}

export async function library(bytes: Uint8Array, response: Response, signal: AbortSignal): Promise<void> {
  const analysis: Analysis = await analyze([bytes, "a.pcap", new URL("file:///a.pcap")], { until: new Date() });
  if (response.body) await analyze(response.body, { minAgeSeconds: 0.5, flows: "every" });
  for await (const flow of flows("a.pcap", { selection: { ports: [80] }, from: "+1s" })) flow satisfies Flow;
  for await (const packet of await openCapture(process.stdin)) packet satisfies PacketRecord;
  const recording: Recording<number> = await record({ port: [80, 443], signal }, async () => 42);
  assertNoStuckFlows(recording, { minAge: "1s" });
  assertEveryFlowClosed(analysis);
  assertNoFinding(analysis, "never-touched");

  // @ts-expect-error: seconds, since the name says so
  await analyze("a.pcap", { minAgeSeconds: "1s" });
  // @ts-expect-error: a number is no input
  await analyze(42);
  // @ts-expect-error: a body is needed
  await record({ port: 80 });
}

export const NAMES: readonly (keyof CloseWaitMatchers<void>)[] = [
  "toHaveNoStuckFlows",
  "toHaveHalfClosed",
  "toCloseEveryFlow",
  "toHaveFinding",
];
