/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "fast-open",
  published: true,
  shows:
    "TCP Fast Open: the first connection asks for a cookie, the next ones carry data on the SYN; one is closed in order, one leaks, one is kept by the client.",

  async play(world) {
    for (const host of [world.client, world.server]) await host.sysctl("net.ipv4.tcp_fastopen", 3);
    const service = await world.listen({ options: { fastOpenQueue: 16 } });
    const fastOpen = "order 4711?\n";
    const cookie = await world.open(service, { label: "asks for the cookie", fastOpen });
    const healthy = await world.open(service, { label: "healthy", fastOpen });
    const leak = await world.open(service, { label: "leak", fastOpen });
    const kept = await world.open(service, { label: "kept by the client", fastOpen });
    for (const connection of [cookie, healthy, leak, kept]) {
      await connection.server.receive(fastOpen.length);
      await connection.server.send(connection.answer());
    }
    await world.sleep(0.1);
    for (const connection of [cookie, healthy]) {
      await connection.client.receive(1);
      await connection.closeByServer();
      connection.expect({ client: "CLOSED", server: "TIME-WAIT", closer: "server", resetBy: null });
    }
    await leak.client.shutdown();
    await kept.server.close();
    leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
    kept.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2", closer: "server", resetBy: null });
  },
};
