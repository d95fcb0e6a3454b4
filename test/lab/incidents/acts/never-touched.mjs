/** Load balancers check a server that, for a while or to the end, fails between accept() and the registration with its selector. */
import { startBalancer } from "../balancer.mjs";

/** @type {import("../plays.mjs").Act} */
export async function neverTouched(stage) {
  const { world, dice } = stage;
  const [ip, customersFrom] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(8000, 8999);
  const customers = dice.between(1, 5);
  const period = dice.between(3, 8) / 10;
  const sources = [];
  for (let count = dice.between(1, 3); count > 0; count--) sources.push(await stage.address("client"));
  const server = stage.python("server", "acceptor.py", `${ip}:${port}`);
  await server.says(/ready/);
  const asking = ["--count", customers, "--rounds", 200, "--gap", 0.25, "--spacing", 0.01];
  const ports = ["--ports", dice.between(10_000, 30_000)];
  const to = ["--to", `${ip}:${port}`, "--from", customersFrom];
  await stage.python("client", "customers.py", ...to, ...ports, ...asking).noted("served", customers);
  for (const source of sources) {
    await startBalancer(stage, { source, server: { ip, port }, period, check: "tcp-check connect linger" });
    await world.sleep(0.13);
  }
  const startsBefore = dice.pick([true, false]);
  if (startsBefore) {
    await world.sleep(0.5);
    server.signal("SIGUSR1");
    await server.says(/"forgotten"/);
  }
  await stage.curtain();
  await world.sleep(startsBefore ? 0.1 : 3 * period);
  server.signal("SIGUSR1");
  await world.sleep(period * dice.between(6, 9));
  const recovers = dice.pick([true, false]);
  if (recovers) {
    server.signal("SIGUSR2");
    await world.sleep(4 * period);
  }
  await world.sleep(1.5);
  stage.found(() => {
    const forgotten = server.notes("forgotten");
    return {
      kind: "never-touched",
      holder: { ip, port },
      events: forgotten.map(({ at, ip }) => ({ at, ip })),
      until: recovers ? forgotten.at(-1).at : null,
      numbers: {
        servedMeanwhile: customers,
        periodSeconds: { near: period, within: 0.04 * period + 0.005 },
        growthPerHour: { near: (3600 / period) * sources.length, within: 0.15 * (3600 / period) * sources.length },
      },
    };
  });
}
