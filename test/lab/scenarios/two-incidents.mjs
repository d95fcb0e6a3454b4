/** Incidents 3 and 4 of five that the tool must recognise, at once; the recording begins when their connections stand. */
const PERIOD_SECONDS = 0.8;
const ROUNDS = 10;
const REFUSALS = 16;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "two-incidents",
  shows:
    "Two incidents in one recording over IPv6 that begins when the long connections stand: health checks every 0.8 s that the server never touches, and a host that a registry refuses at its cap, closed at once each time; customers of the first server and sessions of the second go on meanwhile.",
  published: true,
  recordsLater: true,

  async play(world) {
    const shop = { ip: world.server.v6, port: world.port(8000, 8999) };
    const registry = { ip: `2001:db8::${world.dice.between(201, 240)}`, port: 2181 };
    const [prober, atCap] = [241, 242].map((number) => `2001:db8::${number}`);
    await world.server.addAddress(registry.ip);
    for (const ip of [prober, atCap]) await world.client.addAddress(ip);
    world.watch("probe or customer", shop);
    world.watch("session", registry);
    const cap = world.dice.between(6, 12);
    const ports = world.dice.between(33000, 45000);

    const acceptor = world.server.startScript("acceptor.py", `${shop.ip}:${shop.port}`);
    const limited = world.server.startScript("registry.py", `${registry.ip}:${registry.port}`, cap);
    await Promise.all([acceptor.says(/ready/), limited.says(/ready/)]);
    const customers = ["--from", world.client.v6, "--ports", ports, "--count", 4, "--rounds", 60, "--gap", 0.8];
    world.client.startScript("customers.py", "--to", `${shop.ip}:${shop.port}`, ...customers);
    await world.sleep(1); // the customers have been accepted
    const sessions = ["--ports", ports + 1000, "--sessions", cap, "--more", REFUSALS, "--retry", 0.25, "--ping", 0.8];
    const refused = world.client.startScript(
      "sessions.py",
      ...["--from", atCap, ...sessions, "--seconds", 60, `${registry.ip}:${registry.port}`],
    );
    const stand = ({ sockets }) => sockets.filter(({ host, local, state }) => isOf(host, local, state)).length === cap;
    const isOf = (host, local, state) => host === "server" && state === "ESTAB" && local.endsWith(`:${registry.port}`);
    await world.until("when all sessions stood", stand);
    await world.record();
    acceptor.signal("SIGUSR1");
    const checker = world.client.startScript(
      "health_checker.py",
      ...["--from", prober, "--ports", ports + 2000, "--rounds", ROUNDS, "--period", PERIOD_SECONDS],
      `${shop.ip}:${shop.port}`,
    );
    await world.sleep(2);
    await world.moment("in the middle");
    await Promise.all([checker.done(), refused.says(/tried/)]);
    await world.sleep(1);

    const forgotten = acceptor.notes("forgotten");
    const refusals = limited.notes("refused");
    world.incidents.push({
      kind: "never-touched",
      holder: shop,
      peers: { [prober]: forgotten.length },
      count: forgotten.length,
      since: forgotten[0].at,
      numbers: {
        untouched: forgotten.length,
        servedMeanwhile: 4,
        periodSeconds: { near: PERIOD_SECONDS, within: 0.03 },
        growthPerHour: { near: 3600 / PERIOD_SECONDS, within: 150 },
      },
    });
    world.incidents.push({
      kind: "connection-cap",
      holder: registry,
      peers: { [atCap]: refusals.length },
      count: refusals.length,
      since: refusals[0].at,
      numbers: { cap, refused: refusals.length, client: atCap },
    });
    world.expectCount("probe or customer", "FIN-WAIT-2", "CLOSE-WAIT", ROUNDS);
    world.expectCount("session", "ESTAB", "ESTAB", cap);
  },
};
