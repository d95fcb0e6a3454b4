/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "port-reuse-blocked",
  shows:
    "A client connects again from the port of a connection that the server still holds, and a firewall on its side eats the RST that would free it: SYN after SYN meets a challenge ACK. One client has given up, one is still trying.",

  async play(world) {
    await world.client.sysctl("net.ipv4.tcp_fin_timeout", 1);
    const service = await world.listen();
    const held = await world.openMany(2, service, { label: "held" });
    for (const connection of held) {
      await connection.exchange();
      await connection.client.close();
      connection.expect({ closer: "client" });
    }
    await world.sleep(2.5);
    await world.moment("when the client had forgotten");
    await world.client.run("nft", "add table inet lab");
    await world.client.run("nft", "add chain inet lab out { type filter hook output priority 0; }");
    await world.client.run("nft", "add rule inet lab out tcp flags & rst == rst drop");
    const [first, second] = held.map(({ dialled }) => dialled.local.port);
    const gaveUp = world.dial(service.local, { label: "gave up", port: first, timeoutSeconds: 2.5 });
    await gaveUp.opened().catch(() => {});
    world
      .dial(service.local, { label: "still trying", port: second })
      .expect({ client: "SYN-SENT", server: "CLOSE-WAIT" });
    gaveUp.expect({ client: "CLOSED", server: "CLOSE-WAIT" });
    await world.sleep(2);
  },
};
