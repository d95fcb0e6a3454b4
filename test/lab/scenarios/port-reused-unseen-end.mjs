/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "port-reused-unseen-end",
  shows:
    "The server is killed while it holds two connections; its RSTs are lost before the recording at the client. When one port is used again, the SYN is answered at once.",
  path: "relay",
  taps: [{ file: "port-reused-unseen-end.pcap", host: "client" }],

  async play(world) {
    await world.client.sysctl("net.ipv4.tcp_fin_timeout", 1);
    const doomed = world.server.startEndpoint();
    const service = await world.listen({ on: doomed });
    const held = await world.openMany(2, service, { label: "held until an unseen end" });
    for (const connection of held) {
      await connection.exchange();
      await connection.client.send(connection.question());
      await connection.client.close();
      connection.expect({ client: "CLOSED", server: "CLOSED", closer: "client", resetBy: null });
    }
    await world.sleep(2.5);
    await world.relay.call("rule", { name: "the holder's RST", from: "server", flags: "R", action: "drop" });
    await world.moment("before the server was killed");
    await doomed.kill();
    const next = await world.listen({ port: service.local.port });
    const port = held[0].dialled.local.port;
    const again = await world.open(next, { label: "second incarnation", port });
    await again.exchange();
    again.expect({ client: "ESTAB", server: "ESTAB", closer: null, resetBy: null });
  },
};
