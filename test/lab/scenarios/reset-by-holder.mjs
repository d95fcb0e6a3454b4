/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "reset-by-holder",
  shows:
    "The clients close; 2 s later the server closes one connection with a request unread, aborts one (SO_LINGER 0), and is killed while it holds a third unread: three RSTs from the holder.",
  published: true,

  async play(world) {
    const doomed = world.server.startEndpoint();
    const service = await world.listen();
    const doomedService = await world.listen({ on: doomed });
    const unread = await world.open(service, { label: "closed with unread data" });
    const aborted = await world.open(service, { label: "aborted" });
    const killed = await world.open(doomedService, { label: "killed with unread data" });
    for (const connection of [unread, aborted, killed]) {
      await connection.exchange();
      await connection.client.send(connection.question());
      await connection.client.close();
      connection.expect({ client: "CLOSED", server: "CLOSED", closer: "client", resetBy: "server" });
    }
    await world.sleep(2);
    await world.moment("before the server did anything");
    await unread.server.close();
    await aborted.server.reset();
    await doomed.kill();
  },
};
