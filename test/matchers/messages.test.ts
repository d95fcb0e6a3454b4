/** What the matchers say when they fail: enough to act on. */
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { type Analysis, analyze } from "../../src/index.ts";
import { evidenceOf } from "../../src/matchers/account.ts";
import { noLongHalfClose } from "../../src/matchers/no-long-half-close.ts";
import { finding, flow, halfClose, analysis as sample } from "../report/sample-analysis.ts";

const path = (name: string) => fileURLToPath(new URL(`../../captures/${name}`, import.meta.url));
/** What a finding says is the diagnosis's own matter. */
const FINDING = /^(never-closed|slow-close) \((?:low|medium|high), (\d+ flows?)\)\n {2}.*\n {2}Next: .*$/gm;
/** Paths differ from machine to machine. */
const messageOf = async (assertion: () => unknown): Promise<string> => {
  try {
    await assertion();
  } catch (error) {
    return (error as Error).message.replaceAll(path(""), "captures/").replaceAll(FINDING, "$1 ($2)");
  }
  throw new Error("it did not fail");
};

let leaking: Analysis;
let healthy: Analysis;
beforeAll(async () => {
  leaking = await analyze(path("server-never-closes.pcap"), { flows: "every" });
  healthy = await analyze(path("closed-by-client.pcap"), { flows: "every" });
});

const MESSAGES: readonly (readonly [string, () => unknown])[] = [
  ["no-stuck-flows", () => expect(leaking).toHaveNoStuckFlows()],
  ["no-stuck-flows-path", () => expect(path("port-reused-into-close-wait.pcap")).toHaveNoStuckFlows()],
  ["no-stuck-flows-not", () => expect(healthy).not.toHaveNoStuckFlows()],
  ["no-stuck-flows-not-older", () => expect(leaking).not.toHaveNoStuckFlows({ minAge: "1m" })],
  ["half-closed-none", () => expect(healthy).toHaveHalfClosed()],
  ["half-closed-other-holder", () => expect(leaking).toHaveHalfClosed({ holder: "10.0.0.60", count: 4, minAge: 5 })],
  ["half-closed-not", () => expect(leaking).not.toHaveHalfClosed({ holder: 8641, closer: "client", minAge: "13s" })],
  ["every-flow-closed", () => expect(leaking).toCloseEveryFlow()],
  ["every-flow-closed-not", () => expect(healthy).not.toCloseEveryFlow()],
  ["every-flow-closed-open", async () => expect(path("starts-mid-stream.pcap")).toCloseEveryFlow()],
  ["no-long-half-close", () => showsEvidence(path("late-close.pcap"))],
  ["finding-none", () => expect(healthy).toHaveFinding("never-touched")],
  ["finding-other", () => expect(sample({ findings: [finding()] })).toHaveFinding("slow-close")],
  ["finding-not", () => expect(sample({ findings: [finding()] })).not.toHaveFinding("never-touched")],
  ["many", () => expect(sample({ flows: manyFlows(12), findings: [finding()] })).toHaveNoStuckFlows()],
];

/** As `closewait assert` does, without ladders. */
const showsEvidence = async (capture: string) => {
  const late = await analyze(capture, { flows: "every" });
  throw new Error(evidenceOf(noLongHalfClose(late, 3), late).join("\n\n"));
};

const manyFlows = (count: number) =>
  Array.from({ length: count }, (_, index) => flow(`10.0.0.1:${40_000 + index}`, "10.0.0.2:8080", halfClose(index)));

describe("a failing expectation says", () => {
  it.each(MESSAGES)("%s", async (name, assertion) => {
    await expect(`${await messageOf(assertion)}\n`).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});
