/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "keep-alive-times-out",
  published: true,
  shows:
    "The server closes and is cut off; the client's keep-alive probes go unanswered and its kernel gives up with a RST that nobody gets. Without keep-alive the client stays in CLOSE-WAIT, a connection without a FIN in ESTABLISHED. Recorded at the client.",
  path: "relay",
  taps: [{ file: "keep-alive-times-out.pcap", host: "client" }],

  async play(world) {
    const service = await world.listen();
    const options = { keepAlive: 1, keepAliveIdleSeconds: 1, keepAliveIntervalSeconds: 1, keepAliveProbes: 3 };
    const probed = await world.open(service, { label: "keep-alive after the FIN", options });
    const probedOpen = await world.open(service, { label: "keep-alive without a FIN", options });
    const silent = await world.open(service, { label: "no keep-alive" });
    const silentOpen = await world.open(service, { label: "no keep-alive, no FIN" });
    for (const connection of world.connections) await connection.exchange();
    await probed.server.close();
    await silent.server.close();
    await world.sleep(1.5);
    await world.relay.call("rule", { name: "cut off", action: "drop" });
    await world.moment("when the server was cut off");
    await world.sleep(5);
    probed.expect({ client: "CLOSED", server: "FIN-WAIT-2", closer: "server", resetBy: "client" });
    probedOpen.expect({ client: "CLOSED", server: "ESTAB", closer: null, resetBy: "client" });
    silent.expect({ client: "CLOSE-WAIT", server: "FIN-WAIT-2", closer: "server", resetBy: null });
    silentOpen.expect({ client: "ESTAB", server: "ESTAB", closer: null, resetBy: null });
  },
};
