import { once } from "node:events";
import { get } from "node:http";
import { test } from "node:test";
import { assertNoStuckFlows, record, recordSkipReason } from "closewait";

for (const feed of ["./feed.js", "./feed-fixed.js"]) {
  test(`${feed} closes what its clients close`, { skip: recordSkipReason() ?? false }, async (t) => {
    const { startFeed } = await import(feed);
    const { port, stop } = await startFeed();
    t.after(stop);
    const { analysis } = await record({ port, signal: t.signal }, async () => {
      const headers = { Connection: "Upgrade", Upgrade: "feed" };
      const [, socket] = await once(get({ host: "127.0.0.1", port, headers }), "upgrade");
      socket.end();
    });
    assertNoStuckFlows(analysis);
  });
}
