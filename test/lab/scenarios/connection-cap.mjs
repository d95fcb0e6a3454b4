/** Incident 3 of five that the tool must recognise. */
/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "connection-cap",
  shows:
    "A registry allows a fixed number of connections per client address; one host is at that cap and tries a further one again and again, each closed by the server at once: TIME-WAIT on the server. A second host is below the cap and served.",
  published: true,

  async play(world) {
    const cap = world.dice.between(20, 40);
    const refusals = world.dice.between(35, 50);
    const service = { ip: world.server.v4, port: 2181 };
    world.watch("session", service);
    const other = `10.0.0.${world.dice.between(201, 240)}`;
    await world.client.addAddress(other);
    const registry = world.server.startScript("registry.py", `${service.ip}:${service.port}`, cap);
    await registry.says(/ready/);
    const seconds = ["--seconds", 60, `${service.ip}:${service.port}`];
    const ports = world.dice.between(33000, 45000);
    world.client.startScript("sessions.py", "--from", other, "--ports", ports, "--sessions", 5, ...seconds);
    const more = ["--sessions", cap, "--more", refusals, "--retry", 0.2];
    const atCap = world.client.startScript(
      "sessions.py",
      "--from",
      world.client.v4,
      "--ports",
      ports + 1000,
      ...more,
      ...seconds,
    );
    await world.sleep(5);
    await world.moment("in the middle");
    await atCap.says(/tried/);
    world.incidents.push({
      kind: "connection-cap",
      holder: service,
      peers: { [world.client.v4]: refusals },
      count: refusals,
      since: registry.notes("refused")[0].at,
      numbers: {
        cap,
        refused: refusals,
        client: world.client.v4,
        refusedPerSecond: { near: 5, within: 0.3 },
        timeWaitPeak: refusals,
      },
    });
    world.expectCount("session", "ESTAB", "ESTAB", cap + 5);
    world.expectCount("session", "CLOSED", "TIME-WAIT", refusals);
  },
};
