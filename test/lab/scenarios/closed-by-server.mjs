/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "closed-by-server",
  shows: "Three connections, closed in order by the server first: TIME-WAIT on the server's side.",
  published: true,

  async play(world) {
    const service = await world.listen();
    for (const connection of await world.openMany(3, service, { label: "healthy" })) {
      await connection.exchange();
      await connection.closeByServer();
      connection.expect({ client: "CLOSED", server: "TIME-WAIT", closer: "server", resetBy: null });
    }
  },
};
