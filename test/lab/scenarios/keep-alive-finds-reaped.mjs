/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "keep-alive-finds-reaped",
  shows:
    "The client closes and stays in FIN-WAIT-2 for 4 s; the server's keep-alive probes are answered all that time, although no process owns the client's socket, and then by a RST that ends the half-close.",
  published: true,

  async play(world) {
    await world.client.sysctl("net.ipv4.tcp_fin_timeout", 4);
    const options = { keepAlive: 1, keepAliveIdleSeconds: 1, keepAliveIntervalSeconds: 1 };
    const service = await world.listen({ options });
    const probed = await world.open(service, { label: "ended by a probe" });
    const silent = await world.open(service, { label: "leak" });
    await silent.server.option({ keepAlive: 0 });
    for (const connection of [probed, silent]) {
      await connection.exchange();
      await connection.client.close();
    }
    await world.sleep(2.5);
    await world.moment("while probes were answered");
    await world.until("after the probe that was not", (moment) => probed.isAt(moment, "CLOSED", "CLOSED"));
    await world.sleep(0.5);
    probed.expect({ client: "CLOSED", server: "CLOSED", closer: "client", resetBy: "client" });
    silent.expect({ client: "CLOSED", server: "CLOSE-WAIT", closer: "client", resetBy: null });
  },
};
