/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "client-never-closes",
  shows:
    "A client keeps a pool of five connections, one in use; the server closes the four idle ones at once: CLOSE-WAIT on the client, 6 s later still.",
  published: true,

  async play(world) {
    const service = await world.listen();
    const [inUse, ...idle] = await world.openMany(5, service, { label: "pooled" });
    for (const connection of [inUse, ...idle]) await connection.exchange();
    await world.sleep(2);
    await inUse.exchange();
    for (const connection of idle) {
      await connection.server.close();
      connection.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2", closer: "server" });
    }
    await world.moment("after the server closed");
    for (let second = 0; second < 6; second++) {
      await world.sleep(1);
      await inUse.exchange();
    }
    inUse.label = "in use";
    inUse.expect({ client: "ESTAB", server: "ESTAB", closer: null });
  },
};
