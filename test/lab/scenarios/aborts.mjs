/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "aborts",
  published: true,
  shows:
    "Connections that end without a half-close: SO_LINGER 0 at either end, killed processes with and without unread data, a closer that aborts 2 s after its own FIN.",

  async play(world) {
    const [client, server] = [world.client.startEndpoint(), world.server.startEndpoint()];
    const service = await world.listen();
    const doomedService = await world.listen({ on: server });

    const lingerClient = await world.open(service, { label: "aborted by the client" });
    const lingerServer = await world.open(service, { label: "aborted by the server" });
    const finThenReset = await world.open(service, { label: "aborted after the own FIN" });
    const clientKilled = await world.open(service, { label: "client killed", on: client });
    const clientKilledUnread = await world.open(service, { label: "client killed with unread data", on: client });
    const serverKilled = await world.open(doomedService, { label: "server killed" });
    const serverKilledUnread = await world.open(doomedService, { label: "server killed with unread data" });
    for (const connection of world.connections) await connection.exchange();

    await finThenReset.client.shutdown();
    await clientKilledUnread.server.send(clientKilledUnread.answer());
    await serverKilledUnread.client.send(serverKilledUnread.question());
    await world.sleep(2);
    await world.moment("before the aborts");
    await lingerClient.client.reset();
    await lingerServer.server.reset();
    await finThenReset.client.reset();
    await client.kill();
    await server.kill();

    const gone = { client: "CLOSED", server: "CLOSED" };
    lingerClient.expect({ ...gone, closer: null, resetBy: "client" });
    lingerServer.expect({ ...gone, closer: null, resetBy: "server" });
    finThenReset.expect({ closer: "client" });
    clientKilled.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
    clientKilledUnread.expect({ ...gone, closer: null, resetBy: "client" });
    serverKilled.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2", closer: "server", resetBy: null });
    serverKilledUnread.expect({ ...gone, closer: null, resetBy: "server" });
  },
};
