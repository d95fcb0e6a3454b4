/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "never-arrives",
  shows:
    "FINs that are sent again and again: because they never arrive, because the data in front of them never does, because their acknowledgment never comes back. Recorded at both ends.",
  path: "relay",
  taps: [
    { file: "never-arrives-client.pcap", host: "client" },
    { file: "never-arrives-server.pcap", host: "server" },
  ],

  async play(world) {
    const { relay } = world;
    const service = await world.listen();
    const [unsent, behindHole, unacknowledged, leak] = [
      "FIN lost",
      "data in front of the FIN lost",
      "ACK lost",
      "leak",
    ];
    const connections = new Map();
    for (const label of [unsent, behindHole, unacknowledged, leak]) {
      const connection = await world.open(service, { label });
      await connection.exchange();
      connections.set(label, connection);
    }
    await world.sleep(0.3);
    const drop = (/** @type {string} */ label, /** @type {object} */ match) =>
      relay.call("rule", { name: label, port: connections.get(label).client.local.port, ...match, action: "drop" });
    await drop(unsent, { from: "client", flags: "F" });
    await drop(behindHole, { from: "client", payload: true });
    await drop(unacknowledged, { from: "server" });

    await connections.get(unsent).client.close();
    await connections.get(behindHole).client.send("lost words\n");
    await world.sleep(0.02);
    await connections.get(behindHole).client.close();
    await connections.get(unacknowledged).client.close();
    await connections.get(leak).client.close();
    await world.sleep(1);
    await world.moment("after a second");
    await world.sleep(5);
    connections.get(unsent).expect({ client: "FIN-WAIT-1", server: "ESTAB" });
    connections.get(behindHole).expect({ client: "FIN-WAIT-1", server: "ESTAB" });
    connections.get(unacknowledged).expect({ client: "FIN-WAIT-1", server: "CLOSE-WAIT" });
    connections.get(leak).expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT" });
  },
};
