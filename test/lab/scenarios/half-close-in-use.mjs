/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "half-close-in-use",
  shows:
    "The clients shut down their sending side and read on; the server streams for 5 s. One stream ends in order, one is still running: half-closed, and meant so.",
  published: true,

  async play(world) {
    const service = await world.listen();
    const [ends, runs] = await world.openMany(2, service, { label: "stream" });
    for (const { client, server } of [ends, runs]) {
      await client.send("everything, please\n");
      await client.shutdown();
      await server.receiveAll();
    }
    for (let part = 1; part <= 10; part++) {
      for (const connection of [ends, runs]) {
        const text = `part ${part}: ${connection.answer()}`;
        await connection.server.send(text);
        await connection.client.receive(text.length);
      }
      if (part === 5) await world.moment("while both streams ran");
      await world.sleep(0.5);
    }
    await ends.server.close();
    await ends.client.receiveAll();
    await ends.client.close();
    await runs.server.send("to be continued\n");
    ends.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client", resetBy: null });
    runs.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
  },
};
