/** INCIDENTS.md 4. */
const PERIOD_SECONDS = 1.5;
const PROBES = 9;
/** Probes that come while memory is short, of each prober. */
const FORGOTTEN = 5;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "never-touched",
  shows:
    "Two health checkers connect and close every 1.5 s; for a while the server cannot register what it accepts: ten probes in CLOSE-WAIT without a byte, eight closed in order, and other connections to the same port are served all the time.",
  published: true,

  async play(world) {
    const service = { ip: world.server.v4, port: world.dice.between(8000, 8999) };
    const to = `${service.ip}:${service.port}`;
    world.watch("probe or customer", service);
    const probers = [world.client.v4, `10.0.0.${world.dice.between(201, 240)}`];
    await world.client.addAddress(probers[1]);
    const server = world.server.startScript("acceptor.py", to);
    await server.says(/ready/);
    const ports = world.dice.between(33000, 45000);
    const asking = ["--rounds", 40, "--gap", 0.4];
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
    await world.sleep(0.5);
    const checking = ["--count", PROBES, "--period", PERIOD_SECONDS, to];
    const first = world.client.startScript(
      "health_checker.py",
      "--from",
      probers[0],
      "--ports",
      ports + 1000,
      ...checking,
    );
    await world.sleep(PERIOD_SECONDS / 2);
    const second = world.client.startScript(
      "health_checker.py",
      "--from",
      probers[1],
      "--ports",
      ports + 2000,
      ...checking,
    );
    const probed = async (/** @type {number} */ times) => {
      await Promise.all([first.says(new RegExp(`probe ${times}\n`)), second.says(new RegExp(`probe ${times}\n`))]);
      await world.sleep(0.15); // far from the next probe of either
    };
    await probed(2);
    server.signal("SIGUSR1");
    await probed(2 + FORGOTTEN);
    await world.moment("while memory was short");
    server.signal("SIGUSR2");
    await Promise.all([first.done(), second.done()]);
    await world.sleep(1);
    world.expectCount("probe or customer", "FIN-WAIT-2", "CLOSE-WAIT", 2 * FORGOTTEN);
    world.expectCount("probe or customer", "TIME-WAIT", "CLOSED", 2 * (PROBES - FORGOTTEN));
    world.expectCount("probe or customer", "ESTAB", "ESTAB", 3);
  },
};
