const ONE_WAY_SECONDS = 0.4;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "simultaneous-close",
  shows:
    "Both ends close at once on a slow path, so that the FINs cross: CLOSING, then TIME-WAIT, at both ends. Nobody is half-closed.",
  published: true,
  path: "relay",

  async play(world) {
    await world.delay(ONE_WAY_SECONDS);
    const service = await world.listen();
    const connection = await world.open(service, { label: "simultaneous" });
    await connection.exchange();
    await world.sleep(3 * ONE_WAY_SECONDS);
    await Promise.all([connection.client.close(), connection.server.close()]);
    await world.sleep(ONE_WAY_SECONDS / 4);
    await world.delay(1); // the FINs are under way; a long time for their acknowledgments is a long time to look at CLOSING
    await world.until("when the FINs had crossed", (moment) => connection.isAt(moment, "CLOSING", "CLOSING"));
    await world.until("at the end", (moment) => connection.isAt(moment, "TIME-WAIT", "TIME-WAIT"));
    connection.expect({ client: "TIME-WAIT", server: "TIME-WAIT", closer: "both", resetBy: null });
  },
};
