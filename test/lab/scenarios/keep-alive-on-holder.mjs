const OPTIONS = { keepAlive: 1, keepAliveIdleSeconds: 2, keepAliveIntervalSeconds: 1 };

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "keep-alive-on-holder",
  shows:
    "The clients half-close, the server's application does not notice, its kernel sends keep-alive probes every 2 s and is answered: CLOSE-WAIT that keep-alive does not end.",
  published: true,

  async play(world) {
    const service = await world.listen({ options: OPTIONS });
    const shut = await world.open(service, { label: "client reads on" });
    const closed = await world.open(service, { label: "client closed" });
    for (const connection of [shut, closed]) {
      await connection.exchange();
      connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
    }
    await shut.client.shutdown();
    await closed.client.close();
    await world.sleep(5);
    await world.moment("between the probes");
    await world.sleep(4);
  },
};
