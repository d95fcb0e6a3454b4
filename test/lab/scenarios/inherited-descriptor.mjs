/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "inherited-descriptor",
  published: true,
  shows:
    "The server closes both connections, but a child process has inherited one descriptor: no FIN, CLOSE-WAIT, although the application called close().",

  async play(world) {
    const service = await world.listen();
    const [inherited, healthy] = await world.openMany(2, service, { label: "closed by both" });
    inherited.label = "closed by both, descriptor inherited";
    for (const connection of [inherited, healthy]) await connection.exchange();
    await inherited.server.bequeath();
    for (const connection of [inherited, healthy]) {
      await connection.closeByClient();
    }
    await world.sleep(1);
    inherited.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client" });
    healthy.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client" });
  },
};
