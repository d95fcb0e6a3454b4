/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "late-close",
  shows: "The clients close, a slow server closes 1, 2 and 4 s later, in order: CLOSE-WAIT for so long, then closed.",
  published: true,

  async play(world) {
    const service = await world.listen();
    const slow = await world.openMany(3, service, { label: "slow" });
    for (const connection of slow) {
      await connection.exchange();
      await connection.client.close();
      connection.expect({ client: "TIME-WAIT", server: "CLOSED", closer: "client", resetBy: null });
    }
    await world.moment("after the clients closed");
    for (const [index, seconds] of [1, 1, 2].entries()) {
      await world.sleep(seconds);
      await slow[index].server.close();
      await world.moment(`after the server closed the ${["first", "second", "third"][index]}`);
    }
  },
};
