/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "nat",
  shows:
    "A router translates the clients' addresses and ports; recorded at both ends and on all of the router's interfaces, where each connection is seen under two 4-tuples.",
  path: "router",
  taps: [
    { file: "nat-router.pcap", host: "router", interface: "any" },
    { file: "nat-client.pcap", host: "client" },
    { file: "nat-server.pcap", host: "server" },
  ],

  async play(world) {
    const router = world.host("router");
    await router.run("nft", "add table ip lab");
    await router.run("nft", "add chain ip lab out { type nat hook postrouting priority 100; }");
    await router.run("nft", "add rule ip lab out oifname eth1 tcp sport 1-65535 masquerade to :20000-29999");
    const service = await world.listen();
    for (let number = 0; number < 9; number++) {
      const label = ["healthy", "leak", "kept by the client"][number % 3];
      const connection = await world.open(service, { label, isTranslated: true });
      await connection.exchange();
      if (label === "healthy") {
        await connection.closeByClient();
        connection.expect({ client: "TIME-WAIT", server: "CLOSED" });
      } else if (label === "leak") {
        await connection.client.close();
        connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT" });
      } else {
        await connection.server.close();
        connection.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2" });
      }
    }
    await world.sleep(1);
  },
};
