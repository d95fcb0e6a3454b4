/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "zero-window-of-closer",
  shows:
    "Clients shut down their sending side and stop reading; the server fills their window and closes one connection: LAST-ACK whose FIN waits behind a zero window, on the wire just like the CLOSE-WAIT beside it.",

  async play(world) {
    const service = await world.listen({ options: { sendBuffer: 8192 } });
    const options = { receiveBuffer: 4096 };
    const closed = await world.open(service, { label: "closed, FIN behind the window", options });
    const open = await world.open(service, { label: "leak with a full buffer", options });
    for (const connection of [closed, open]) {
      await connection.ask();
      await connection.client.shutdown();
      for (let idle = 0; idle < 3; idle++) {
        if ((await connection.server.fill("more and more\n")) > 0) idle = 0;
        await world.sleep(0.1);
      }
    }
    await world.moment("before the server closed");
    await closed.server.close();
    closed.expect({ client: "FIN-WAIT-2", server: "LAST-ACK", closer: "client" });
    open.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client" });
    await world.sleep(4);
  },
};
