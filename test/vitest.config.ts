import { defineConfig } from "vitest/config";
import type { TestModule } from "vitest/node";

/** What was not tested here is said by name; the name holds the reason. */
const namesOfSkipped = {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) console.log(`skipped: ${test.fullName}`);
    }
  },
};

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build-once.ts"],
    reporters: ["default", namesOfSkipped],
    // Nothing may depend on the order.
    sequence: { shuffle: true },
    testTimeout: 60_000,
    // All cores: nothing else runs meanwhile.
    maxWorkers: "100%",
    // A worker loads the project once, not once a file: no test may leave anything behind. So the door has to be here, not in the test files.
    isolate: false,
    setupFiles: ["src/vitest.ts"],
  },
});
