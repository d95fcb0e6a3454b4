/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "fin-wait-2-reaped",
  shows:
    "The clients close, their kernel forgets the sockets after 2 s in FIN-WAIT-2 (no packet says so); two late FINs of the server meet a RST, a third connection stays in CLOSE-WAIT.",
  published: true,

  async play(world) {
    await world.client.sysctl("net.ipv4.tcp_fin_timeout", 2);
    const service = await world.listen();
    const connections = await world.openMany(3, service, { label: "late FIN" });
    for (const connection of connections) {
      await connection.exchange();
      await connection.client.close();
    }
    await world.moment("before the clients' kernel forgot");
    await world.sleep(4);
    await world.moment("when the clients' kernel had forgotten");
    const [leak, ...late] = connections;
    for (const connection of late) {
      await connection.server.close();
      connection.expect({ client: "CLOSED", server: "CLOSED", closer: "client", resetBy: "client" });
    }
    leak.label = "leak";
    leak.expect({ client: "CLOSED", server: "CLOSE-WAIT", closer: "client", resetBy: null });
  },
};
