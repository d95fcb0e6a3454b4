/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "server-never-closes",
  shows:
    "Four clients close, the server's application never does: CLOSE-WAIT on the server, for 11 to 13 s, while two other connections work and others come and go.",
  published: true,

  async play(world) {
    const service = await world.listen();
    const busy = await world.openMany(2, service, { label: "busy" });
    for (const connection of await world.openMany(4, service, { label: "leak" })) {
      await connection.exchange();
      await world.sleep(0.4);
      await connection.client.close();
      connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client" });
    }
    await world.moment("after the clients closed");
    for (let second = 0; second < 11; second++) {
      await world.sleep(1);
      for (const connection of busy) await connection.exchange();
      if (second % 4 === 2) await comeAndGo(world, service);
    }
    for (const connection of busy) connection.expect({ client: "ESTAB", server: "ESTAB", closer: null });
  },
};

/** @param {import("../world.mjs").World} world @param {import("../endpoint.mjs").Listener} service */
async function comeAndGo(world, service) {
  const connection = await world.open(service, { label: "healthy" });
  await connection.exchange();
  await connection.closeByClient();
  connection.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client" });
}
