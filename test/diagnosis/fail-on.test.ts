import { expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { run } from "../cli/run-in-process.ts";
import { pathOf } from "../laws/recordings.ts";

const failOn = (condition: string, capture = "never-touched.pcap") =>
  run([pathOf(capture), "--fail-on", condition, "-q"], { analyzeCaptures });

it("exits with 1 when the pattern is found, and says so", async () => {
  const { code, stderr } = await failOn("finding:never-touched");
  expect([code, stderr]).toEqual([1, "closewait: --fail-on finding:never-touched: 1 found\n"]);
});

it("exits with 0 when it is not", async () => {
  expect((await failOn("finding:idle-pool")).code).toBe(0);
  expect((await failOn("finding:never-touched", "closed-by-client.pcap")).code).toBe(0);
});

it("takes a kind that does not exist for a mistake", async () => {
  const { code, stderr } = await failOn("finding:never-toched");
  expect(code).toBe(2);
  expect(stderr).toMatch(/'never-toched' is no kind of finding: expected idle-pool, never-closed, /);
});
