/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "keep-alive-on-closer",
  published: true,
  shows:
    "The clients half-close or close, and have keep-alive on: their probes are answered by the server's kernel and do not help. The third is idle, with probes both ways.",

  async play(world) {
    const options = { keepAlive: 1, keepAliveIdleSeconds: 1, keepAliveIntervalSeconds: 1 };
    const service = await world.listen();
    const shut = await world.open(service, { label: "half-closed", options });
    const closed = await world.open(service, { label: "closed", options });
    const idle = await world.open(service, { label: "idle", options });
    for (const connection of world.connections) await connection.exchange();
    await idle.server.option(options);
    await shut.client.shutdown();
    await closed.client.close();
    await world.sleep(4.5);
    for (const connection of [shut, closed])
      connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
    idle.expect({ client: "ESTAB", server: "ESTAB", closer: null });
  },
};
