/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "starts-mid-stream",
  shows:
    "The recording starts when the connections are established: two leaks whose FIN is in it, one closed in order, one that works, and one leak whose FIN came before the recording and that sends nothing in it.",
  published: true,
  recordsLater: true,

  async play(world) {
    const service = await world.listen();
    const invisible = await world.open(service, { label: "leak from before the recording" });
    const [first, second] = await world.openMany(2, service, { label: "leak" });
    const healthy = await world.open(service, { label: "healthy" });
    const busy = await world.open(service, { label: "busy" });
    for (const connection of [invisible, first, second, healthy, busy]) await connection.exchange();
    await invisible.client.close();
    await world.sleep(1);
    await world.record();

    await first.client.close(); // nothing but the FIN and its acknowledgment
    await second.exchange();
    await second.client.close();
    await healthy.exchange();
    await healthy.closeByClient();
    for (let count = 0; count < 3; count++) {
      await world.sleep(1);
      await busy.exchange();
    }
    const leaked = { client: "FIN-WAIT-2", server: "CLOSE-WAIT" };
    invisible.expect(leaked);
    first.expect({ ...leaked, closer: "client" });
    second.expect({ ...leaked, closer: "client" });
    healthy.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client" });
    busy.expect({ client: "ESTAB", server: "ESTAB", closer: null });
  },
};
