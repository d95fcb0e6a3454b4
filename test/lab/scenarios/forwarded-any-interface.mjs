/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "forwarded-any-interface",
  shows: "A router that forwards, recorded on all its interfaces: every packet twice, IPv4 and IPv6.",
  path: "router",
  taps: [
    { file: "forwarded-any-interface.pcap", host: "router", interface: "any" },
    { file: "forwarded-one-interface.pcap", host: "router", interface: "eth1" },
  ],

  async play(world) {
    for (const ip of /** @type {const} */ ([4, 6])) {
      const service = await world.listen({ ip });
      const opened = await world.openMany(4, service, { label: "healthy" });
      for (const connection of opened) await connection.exchange();
      const [leak, kept, reset, healthy] = opened;
      leak.label = "leak";
      await leak.client.close();
      leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
      kept.label = "kept by the client";
      await kept.server.close();
      kept.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2", closer: "server", resetBy: null });
      reset.label = "reset";
      await reset.client.reset();
      reset.expect({ client: "CLOSED", server: "CLOSED", closer: null, resetBy: "client" });
      await healthy.closeByClient();
      healthy.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client", resetBy: null });
    }
    await world.sleep(1);
  },
};
