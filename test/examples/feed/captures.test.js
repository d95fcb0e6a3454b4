import { analyze } from "closewait";
import "closewait/vitest";
import { expect, test } from "vitest";

// Captures made elsewhere are judged by the same matchers.
const { LEAKING, CLEAN } = process.env;

test("captures", async () => {
  await expect(CLEAN).toCloseEveryFlow();
  await expect(LEAKING).toHaveHalfClosed({ holder: "10.0.0.192:8641", count: 4 });
  await expect(LEAKING).not.toHaveNoStuckFlows();
  expect({ analysis: await analyze(LEAKING) }).toMatchObject({ analysis: expect.toHaveHalfClosed() });
});
