const ONE_WAY_SECONDS = 0.3;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "simultaneous-open",
  shows:
    "Both ends connect to each other at once, so that the SYNs cross and there is no server; then one end closes and the other does not.",
  path: "relay",

  async play(world) {
    await world.delay(ONE_WAY_SECONDS);
    const [near, far] = [
      { ip: world.client.v4, port: world.port() },
      { ip: world.server.v4, port: world.port() },
    ];
    // The addresses of the links must be known before SYNs can cross.
    await world
      .dial({ ...far, port: 9 }, { label: "refused" })
      .opened()
      .catch(() => {});
    const connection = world.dial(far, { label: "opened by both", port: near.port });
    const other = world.server.endpoint.connect({ ...far, to: near });
    await Promise.all([connection.opened(), other]);
    await world.moment("when both had opened");
    await connection.client.send("hello\n");
    await (await other).receive(6);
    await connection.client.close();
    await world.sleep(3 * ONE_WAY_SECONDS);
    connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT" });
  },
};
