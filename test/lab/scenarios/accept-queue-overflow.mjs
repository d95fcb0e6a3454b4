const BACKLOG = 4;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "accept-queue-overflow",
  shows:
    "Nobody accepts, and the queue is short: five connections are in it, some handshakes are half done at the server, later SYNs are dropped. Clients that send and close there end in FIN-WAIT-1; those in the queue leave CLOSE-WAIT.",
  path: "relay",

  async play(world) {
    const service = await world.listen({ backlog: BACKLOG });
    const early = await world.openMany(BACKLOG, service, { label: "early", accept: false });
    await world.delay(0.05); // these SYNs are all answered before the first handshake is done
    const crossing = Array.from({ length: BACKLOG }, () => world.dial(service.local, { label: "crossing" }));
    await Promise.all(crossing.map((connection) => connection.opened()));
    await world.sleep(0.3);
    const late = Array.from({ length: 2 }, () => world.dial(service.local, { label: "late", timeoutSeconds: 60 }));
    await world.moment("when the queue was full");
    for (const [index, connection] of [...early, ...crossing].entries()) {
      if (index % 2 === 0) await connection.client.send(connection.question());
      await connection.client.close();
    }
    await world.sleep(2);
    await world.moment("after the clients had closed");
    for (const connection of early) connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client" });
    for (const connection of late) connection.expect({ client: "SYN-SENT", server: "CLOSED" });
    await world.sleep(3);
  },
};
