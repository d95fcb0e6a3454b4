const ONE_WAY_SECONDS = 0.4;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "simultaneous-close",
  shows:
    "Both ends close at once on a slow path, so that the FINs cross: CLOSING, then TIME-WAIT, at both ends. Nobody is half-closed.",
  published: true,
  path: "relay",

  async play(world) {
    await world.relay.call("delay", { seconds: ONE_WAY_SECONDS });
    const service = await world.listen();
    const connection = await world.open(service, { label: "simultaneous" });
    await connection.exchange();
    await world.sleep(3 * ONE_WAY_SECONDS);
    await Promise.all([connection.client.close(), connection.server.close()]);
    await world.until("when the FINs had crossed", (moment) => connection.isAt(moment, "CLOSING", "CLOSING"));
    await world.until("at the end", (moment) => connection.isAt(moment, "TIME-WAIT", "TIME-WAIT"));
    connection.expect({ client: "TIME-WAIT", server: "TIME-WAIT", closer: "both", resetBy: null });
  },
};
