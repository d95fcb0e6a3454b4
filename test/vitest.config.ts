import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/build-once.ts"],
    // The process pool spreads spawned command-line runs over the cores; nothing may depend on the order.
    sequence: { shuffle: true },
    testTimeout: 60_000,
  },
});
