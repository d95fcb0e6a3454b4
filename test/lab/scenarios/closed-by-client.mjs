/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "closed-by-client",
  shows:
    "Three connections, closed in order by the client first: the client ends in TIME-WAIT, the server's socket is gone.",
  published: true,

  async play(world) {
    const service = await world.listen();
    for (const connection of await world.openMany(3, service, { label: "healthy" })) {
      await connection.exchange();
      await connection.closeByClient();
      connection.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client", resetBy: null });
    }
  },
};
