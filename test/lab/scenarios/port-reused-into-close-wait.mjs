/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "port-reused-into-close-wait",
  shows:
    "The client closes, its FIN-WAIT-2 times out, and it connects again from the same port while the server still holds the old socket in CLOSE-WAIT: challenge ACK, RST, and the next SYN is answered.",
  published: true,

  async play(world) {
    await world.client.sysctl("net.ipv4.tcp_fin_timeout", 1);
    const service = await world.listen();
    const old = await world.open(service, { label: "ended by the reuse of its port" });
    const untouched = await world.open(service, { label: "leak" });
    for (const connection of [old, untouched]) {
      await connection.exchange();
      await connection.client.close();
    }
    await world.sleep(3);
    await world.moment("when the client had forgotten both");
    const next = await world.open(service, { label: "second incarnation", port: old.client.local.port });
    await next.exchange();
    old.expect({ closer: "client" });
    untouched.expect({ client: "CLOSED", server: "CLOSE-WAIT", closer: "client", resetBy: null });
    next.expect({ client: "ESTAB", server: "ESTAB" });
  },
};
