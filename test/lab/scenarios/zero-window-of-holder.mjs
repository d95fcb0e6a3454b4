/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "zero-window-of-holder",
  shows:
    "Clients send to a server that does not read until its window is zero, and close. One FIN waits behind the window and is never sent; the other gets out when the server reads a little: CLOSE-WAIT with unread data.",

  async play(world) {
    const service = await world.listen({ options: { receiveBuffer: 4096 } });
    const options = { sendBuffer: 8192 };
    const stuck = await world.open(service, { label: "FIN behind the window", options });
    const leak = await world.open(service, { label: "unread data", options });
    for (const connection of [stuck, leak]) {
      await fillWindow(world, connection.client);
      await connection.client.close();
    }
    await world.sleep(1);
    await world.moment("while both FINs waited");

    for (let round = 0; round < 40 && (await stateOfClient(world, leak)) === "FIN-WAIT-1"; round++) {
      await leak.server.receive(1000);
      await world.sleep(0.05);
    }
    stuck.expect({ client: "FIN-WAIT-1", server: "ESTAB", closer: null });
    leak.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client" });
    await world.sleep(2);
  },
};

/** @param {import("../world.mjs").World} world @param {import("../endpoint.mjs").Socket} socket */
async function fillWindow(world, socket) {
  for (let idle = 0; idle < 3; idle++) {
    if ((await socket.fill("more and more\n")) > 0) idle = 0;
    await world.sleep(0.1);
  }
}

/** @param {import("../world.mjs").World} world @param {import("../connection.mjs").Connection} connection */
async function stateOfClient(world, connection) {
  return connection.statesAt(await world.look()).client;
}
