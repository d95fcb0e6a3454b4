/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "mixed-traffic",
  shows:
    "The same packets in five formats: connections over IPv4 and IPv6, closed by either end, leaked by the server, kept by the client, reset.",
  published: true,
  taps: [
    { file: "mixed-traffic.pcap" },
    { file: "mixed-traffic.pcapng" },
    { file: "mixed-traffic-gzip.pcap.gz" },
    { file: "mixed-traffic-nanoseconds.pcap", nanoseconds: true },
    { file: "mixed-traffic-any-interface.pcap", interface: "any" },
  ],

  async play(world) {
    const services = [await world.listen(), await world.listen({ ip: 6 })];
    for (const service of services) {
      const byClient = await world.open(service, { label: "closed by the client" });
      await byClient.exchange();
      await byClient.closeByClient();
      byClient.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client", resetBy: null });

      const byServer = await world.open(service, { label: "closed by the server" });
      await byServer.exchange();
      await byServer.closeByServer();
      byServer.expect({ client: "CLOSED", server: "TIME-WAIT", closer: "server", resetBy: null });

      const leaked = await world.open(service, { label: "leaked by the server" });
      await leaked.exchange();
      await leaked.client.close();
      leaked.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });

      const kept = await world.open(service, { label: "kept by the client" });
      await kept.exchange();
      await kept.server.close();
      kept.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2", closer: "server", resetBy: null });

      const reset = await world.open(service, { label: "reset by the client" });
      await reset.exchange();
      await reset.client.reset();
      reset.expect({ client: "CLOSED", server: "CLOSED", closer: null, resetBy: "client" });
    }
    await world.moment("after everything had happened");
    const working = await world.open(services[0], { label: "working" });
    for (let second = 0; second < 2; second++) {
      await working.exchange();
      await world.sleep(1);
    }
    working.expect({ client: "ESTAB", server: "ESTAB", closer: null, resetBy: null });
  },
};
