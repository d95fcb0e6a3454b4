import { type Analysis, analyze, assertNoStuckFlows, CloseWaitError, flows, record } from "closewait";
import "closewait/vitest";
import { expect, test } from "vitest";

test("types", async () => {
  const analysis: Analysis = await analyze(["a.pcap", new Uint8Array(0)], { until: new Date() });
  expect(analysis).toHaveNoStuckFlows({ minAge: "5s" });
  expect(analysis).not.toCloseEveryFlow();
  await expect("a.pcap").toHaveHalfClosed({ holder: "10.0.0.2:8080", count: 3 });
  expect({ analysis }).toMatchObject({ analysis: expect.toHaveNoStuckFlows() });
  assertNoStuckFlows(await record({ port: 8080 }, async () => 42), { minAge: 1 });
  for await (const { verdict, halfClose } of flows("a.pcap"))
    if (verdict === "half-closed") halfClose?.seconds.toFixed();
  throw new CloseWaitError("usage", "");
});

test("what must not type-check", () => {
  // @ts-expect-error: there is no such option
  expect("a.pcap").toHaveNoStuckFlows({ maxAge: 5 });
  // @ts-expect-error: a kind is needed
  expect("a.pcap").toHaveFinding();
});
