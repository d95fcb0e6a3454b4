const ONE_WAY = "dst port 8080";

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "partial-recordings",
  shows:
    "The same connections recorded whole, with small snapshot lengths, in one direction only, and with only SYN, FIN and RST segments.",
  taps: [
    { file: "partial-recordings-whole.pcap" },
    { file: "partial-recordings-snapshot-54.pcap", snapshotLength: 54 },
    { file: "partial-recordings-snapshot-68.pcap", snapshotLength: 68 },
    { file: "partial-recordings-snapshot-96.pcap", snapshotLength: 96 },
    { file: "partial-recordings-to-server.pcap", filter: `${ONE_WAY}` },
    { file: "partial-recordings-to-client.pcap", filter: "src port 8080" },
    { file: "partial-recordings-flags.pcap", filter: "tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0" },
  ],

  async play(world) {
    for (const ip of /** @type {const} */ ([4, 6])) {
      const service = await world.listen({ ip, port: 8080 });
      const opened = await world.openMany(5, service, { label: "healthy" });
      for (const connection of opened) await connection.exchange();
      const [leak, kept, reset, byClient, byServer] = opened;
      leak.label = "leak";
      await leak.client.close();
      leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
      kept.label = "kept by the client";
      await kept.server.close();
      kept.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2", closer: "server", resetBy: null });
      reset.label = "reset";
      await reset.server.reset();
      reset.expect({ client: "CLOSED", server: "CLOSED", closer: null, resetBy: "server" });
      await byClient.closeByClient();
      byClient.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client", resetBy: null });
      await byServer.closeByServer();
      byServer.expect({ client: "CLOSED", server: "TIME-WAIT", closer: "server", resetBy: null });
    }
    await world.sleep(4); // longer than a FIN would wait for its acknowledgment
  },
};
