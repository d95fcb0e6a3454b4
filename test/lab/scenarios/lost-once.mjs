/** What is lost, by whom it was sent, and when the rule begins: before the connection is opened, or before it is closed. */
const LOSSES = [
  { what: "SYN", at: "open", from: "client", flags: "S" },
  { what: "SYN-ACK", at: "open", from: "server", flags: "SA" },
  { what: "third ACK", at: "open", from: "client", flags: "A", payload: false },
  { what: "FIN", at: "close", from: "client", flags: "F" },
  { what: "ACK of the FIN", at: "close", from: "server", flags: "A", payload: false },
  { what: "holder's FIN", at: "close", from: "server", flags: "F" },
  { what: "last ACK", at: "close", from: "client", flags: "A", payload: false, skip: 1 },
];

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "lost-once",
  published: true,
  shows:
    "One segment of each kind is lost once: SYN, SYN-ACK, third ACK, FIN, its ACK, the other FIN, the last ACK. Each time a healthy connection and a leak.",
  path: "relay",
  taps: [
    { file: "lost-once-client.pcap", host: "client" },
    { file: "lost-once-server.pcap", host: "server" },
  ],

  async play(world) {
    await world.delay(0.01);
    const service = await world.listen();
    for (const { what, at, ...match } of LOSSES) {
      for (const isLeak of [false, true]) {
        const lose = () => world.relay.call("rule", { name: what, ...match, action: "drop", count: 1 });
        if (at === "open") await lose();
        const connection = await world.open(service, { label: `${isLeak ? "leak" : "healthy"}, ${what} lost` });
        await connection.exchange();
        await world.sleep(0.1);
        if (at === "close") await lose();
        await connection.client.close();
        connection.expect({ client: "FIN-WAIT-2", server: "CLOSE-WAIT", closer: "client", resetBy: null });
        if (!isLeak) {
          await connection.server.receiveAll();
          await world.sleep(0.1);
          await connection.server.close();
          connection.expect({ client: "TIME-WAIT", server: "CLOSED" });
        }
        await world.sleep(0.6);
        await world.relay.call("clear");
      }
      await world.moment(`after the loss of the ${what}`);
    }
  },
};
