/** Incident 4 of five that the tool must recognise. */
const PERIOD_SECONDS = 1.5;
const ROUNDS = 9;
/** Rounds that come while memory is short. */
const FORGOTTEN = 5;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "never-touched",
  shows:
    "Two health checkers connect and close every 1.5 s; for a while the server cannot register what it accepts: ten probes in CLOSE-WAIT without a byte, eight closed in order, and other connections to the same port are served all the time.",
  published: true,

  async play(world) {
    const service = { ip: world.server.v4, port: world.port(8000, 8999) };
    const to = `${service.ip}:${service.port}`;
    world.watch("probe or customer", service);
    const probers = [world.client.v4, `10.0.0.${world.dice.between(201, 240)}`];
    await world.client.addAddress(probers[1]);
    const server = world.server.startScript("acceptor.py", to);
    await server.says(/ready/);
    const ports = world.dice.between(33000, 45000);
    const asking = ["--rounds", 60, "--gap", 0.4];
    world.client.startScript(
      "customers.py",
      "--to",
      to,
      "--from",
      probers[0],
      "--ports",
      ports,
      "--count",
      3,
      ...asking,
    );
    const checkers = world.client.startScript(
      "health_checker.py",
      ...["--from", probers.join(), "--ports", ports + 1000, "--rounds", ROUNDS, "--period", PERIOD_SECONDS, to],
    );
    await checkers.says(/round 2\n/);
    await world.sleep(0.1); // far from the next probe
    server.signal("SIGUSR1");
    await checkers.says(new RegExp(`round ${2 + FORGOTTEN}\n`));
    await world.sleep(0.1);
    await world.moment("while memory was short");
    server.signal("SIGUSR2");
    await checkers.done();
    await world.sleep(1);
    const forgotten = server.notes("forgotten");
    world.incidents.push({
      kind: "never-touched",
      holder: service,
      peers: Object.fromEntries(probers.map((ip) => [ip, FORGOTTEN])),
      count: 2 * FORGOTTEN,
      since: forgotten[0].at,
      until: forgotten.at(-1).at,
      numbers: {
        untouched: 2 * FORGOTTEN,
        servedMeanwhile: 3,
        periodSeconds: { near: PERIOD_SECONDS, within: 0.03 },
        growthPerHour: { near: (2 * 3600) / PERIOD_SECONDS, within: 100 },
      },
    });
    world.expectCount("probe or customer", "FIN-WAIT-2", "CLOSE-WAIT", 2 * FORGOTTEN);
    world.expectCount("probe or customer", "TIME-WAIT", "CLOSED", 2 * (ROUNDS - FORGOTTEN));
    world.expectCount("probe or customer", "ESTAB", "ESTAB", 3);
  },
};
