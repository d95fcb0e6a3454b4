/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "ipv6-server-never-closes",
  shows:
    "The same over IPv6: three clients close, the server never does; a fourth connection is closed in order, a fifth works.",
  published: true,

  async play(world) {
    const service = await world.listen({ ip: 6 });
    const busy = await world.open(service, { label: "busy" });
    const healthy = await world.open(service, { label: "healthy" });
    await healthy.exchange();
    await healthy.closeByClient();
    for (const connection of await world.openMany(3, service, { label: "leak" })) {
      await connection.exchange();
      await connection.client.close();
      connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client" });
    }
    for (let second = 0; second < 3; second++) {
      await world.sleep(1);
      await busy.exchange();
    }
    healthy.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client" });
    busy.expect({ client: "ESTAB", server: "ESTAB", closer: null });
  },
};
