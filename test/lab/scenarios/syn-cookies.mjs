const BACKLOG = 2;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "syn-cookies",
  shows:
    "Nobody accepts, and the server answers every SYN with a cookie: whoever comes when the queue is full believes to be connected, and the server knows nothing of it. Requests and FINs there are sent again and again.",
  path: "relay",

  async play(world) {
    await world.delay(0.05); // all SYNs are answered before the first handshake is done
    await world.server.sysctl("net.ipv4.tcp_syncookies", 2);
    const service = await world.listen({ backlog: BACKLOG });
    const crossing = Array.from({ length: 8 }, () => world.dial(service.local, { label: "crossing" }));
    await Promise.all(crossing.map((connection) => connection.opened()));
    await world.sleep(0.5);
    await world.moment("when all clients believed to be connected");
    for (const connection of crossing.filter((_, index) => index % 2 === 0))
      await connection.client.send(connection.question());
    for (const connection of crossing.slice(2)) await connection.client.close();
    await world.sleep(2);
    const end = await world.moment("after some clients had closed");
    const known = end.sockets.filter(({ host, state }) => host === "server" && state !== "LISTEN");
    if (known.length !== BACKLOG + 1) throw new Error(`the server knows ${known.length} connections`);
  },
};
