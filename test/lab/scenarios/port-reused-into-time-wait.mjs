/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "port-reused-into-time-wait",
  published: true,
  shows:
    "Two clients connect again from the same port, one into the server's TIME-WAIT, one out of its own: the SYN is answered at once and begins a new incarnation.",

  async play(world) {
    await world.client.sysctl("net.ipv4.tcp_tw_reuse", 1);
    const service = await world.listen();
    const byServer = await world.open(service, { label: "closed by the server, reused" });
    await byServer.exchange();
    await byServer.closeByServer();
    const byClient = await world.open(service, { label: "closed by the client, reused" });
    await byClient.exchange();
    await byClient.closeByClient();
    await world.sleep(1.5); // a port in the own TIME-WAIT is free after a second
    await world.moment("before the ports were reused");
    const leak = await world.open(service, { label: "second incarnation, leak", port: byServer.client.local.port });
    const healthy = await world.open(service, { label: "second incarnation", port: byClient.client.local.port });
    for (const connection of [leak, healthy]) await connection.exchange();
    await leak.client.close();
    await healthy.closeByServer();
    byServer.expect({ closer: "server", resetBy: null });
    byClient.expect({ closer: "client", resetBy: null });
    leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
    healthy.expect({ client: "CLOSED", server: "TIME-WAIT", closer: "server", resetBy: null });
  },
};
