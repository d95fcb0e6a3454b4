import { once } from "node:events";
import { get } from "node:http";
import { record, recordSkipReason } from "closewait";
import "closewait/vitest";
import { expect, onTestFinished, test } from "vitest";
import { startFeed } from "./feed.js";

const skip = recordSkipReason();

test.skipIf(skip)(`the feed closes what its clients close ${skip ?? ""}`, async ({ signal }) => {
  const { port, stop } = await startFeed();
  onTestFinished(stop);
  const { analysis } = await record({ port, signal }, async () => {
    const headers = { Connection: "Upgrade", Upgrade: "feed" };
    const [, socket] = await once(get({ host: "127.0.0.1", port, headers }), "upgrade");
    socket.end();
  });
  expect(analysis).toHaveNoStuckFlows();
});
