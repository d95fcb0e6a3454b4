/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "overtaken",
  published: true,
  shows:
    "The FIN arrives before the data in front of it, or after a copy of itself; the half-close begins when the hole is filled.",
  path: "relay",

  async play(world) {
    const { relay } = world;
    const service = await world.listen();
    for (const isLeak of [true, false]) {
      for (const [label, rule] of Object.entries({
        "data overtaken by the FIN": { payload: true, action: "delay", seconds: 0.15 },
        "FIN copied": { flags: "F", action: "copy", seconds: 0.02 },
      })) {
        const connection = await world.open(service, { label });
        await connection.exchange();
        await world.sleep(0.1);
        await relay.call("rule", { name: label, from: "client", count: 1, ...rule });
        await connection.client.send(connection.question());
        await world.sleep(0.01);
        await connection.client.close();
        await world.sleep(0.5);
        await relay.call("clear");
        connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client" });
        if (isLeak) continue;
        await connection.server.receiveAll();
        await connection.server.close();
        connection.expect({ client: "TIME-WAIT", server: "CLOSED" });
      }
    }
  },
};
