const CONNECTIONS = 30;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "lossy-path",
  shows:
    "Thirty connections over a path that delays all, drops some, copies some and lets some overtake; a third of them ends in CLOSE-WAIT at either end. Recorded at both ends.",
  path: "relay",
  taps: [
    { file: "lossy-path-client.pcap", host: "client" },
    { file: "lossy-path-server.pcap", host: "server" },
  ],

  async play(world) {
    const { relay, dice } = world;
    await world.delay(dice.between(5, 40) / 1000);
    await relay.call("rule", { name: "lost", odds: 0.06, action: "drop" });
    await relay.call("rule", { name: "twice", odds: 0.04, action: "copy", seconds: dice.between(0, 3) / 1000 });
    await relay.call("rule", { name: "late", odds: 0.06, action: "delay", seconds: dice.between(5, 60) / 1000 });
    const services = [await world.listen(), await world.listen({ ip: 6 })];
    const lives = Array.from({ length: CONNECTIONS }, (_, number) => ({
      closer: dice.pick(/** @type {const} */ (["client", "server"])),
      isLeak: number % 3 === 0,
      rounds: dice.between(0, 4),
      startSeconds: dice.fraction() * 4,
      port: world.port(),
      service: dice.pick(services),
    }));
    await Promise.all(lives.map((life) => live(world, life)));
    await world.sleep(1);
    await world.moment("when all had done what they wanted");
    await world.sleep(3); // the last retransmissions
  },
};

/**
 * @param {import("../world.mjs").World} world
 * @param {{service: import("../endpoint.mjs").Listener, closer: "client" | "server", isLeak: boolean, rounds: number, startSeconds: number, port: number}} life
 */
async function live(world, { service, closer, isLeak, rounds, startSeconds, port }) {
  await world.sleep(startSeconds);
  const connection = await world.open(service, { label: isLeak ? `leak, closed by the ${closer}` : "healthy", port });
  for (let round = 0; round < rounds; round++) await connection.exchange();
  const [first, second] =
    closer === "client" ? [connection.client, connection.server] : [connection.server, connection.client];
  await first.close();
  if (isLeak) {
    const states = { client: "FIN-WAIT-2", server: "CLOSE-WAIT" };
    connection.expect(closer === "client" ? states : { client: states.server, server: states.client });
    return;
  }
  await second.receiveAll();
  await second.close();
}
