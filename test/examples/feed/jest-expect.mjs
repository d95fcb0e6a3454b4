// Jest's own `expect`, as Jest provides it to its tests.
import { expect } from "expect";

globalThis.expect = expect;
const { analyze } = await import("closewait");
await import("closewait/jest");
const [leaking, clean] = process.argv.slice(2);

expect(await analyze(clean)).toHaveNoStuckFlows();
expect({ analysis: await analyze(leaking) }).toMatchObject({ analysis: expect.toHaveHalfClosed({ count: 4 }) });
await expect(clean).toCloseEveryFlow();
await expect(leaking).not.toHaveNoStuckFlows();
try {
  await expect(leaking).toHaveNoStuckFlows();
} catch ({ message }) {
  console.log(message);
}
