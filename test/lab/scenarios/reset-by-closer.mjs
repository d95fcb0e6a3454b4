/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "reset-by-closer",
  shows:
    "The clients close with close(), the server writes 3 s later to sockets that nobody reads any more: RST from the closer ends the half-close (write after close).",
  published: true,

  async play(world) {
    const service = await world.listen();
    const late = await world.openMany(2, service, { label: "late answer" });
    for (const connection of late) {
      await connection.ask();
      await connection.client.close();
      connection.expect({ client: "CLOSED", server: "CLOSED", closer: "client", resetBy: "client" });
    }
    await world.sleep(3);
    await world.moment("before the late answers");
    for (const connection of late) await connection.server.send(connection.answer());
  },
};
