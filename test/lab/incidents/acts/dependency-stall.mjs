/** redis-py's pool waits for itself: a server takes a second connection while it holds the first. */
import { clientTimeouts } from "../stage.mjs";

/** @type {import("../plays.mjs").Act} */
export async function dependencyStall(stage) {
  const { world, dice } = stage;
  const size = dice.between(4, 14);
  const [ip, source, redisIp] = [stage.own("server"), await stage.address("client"), await stage.address("client")];
  const port = dice.between(9000, 9999);
  const memoryOnly = ["--save", "", "--appendonly", "no"];
  await world.client
    .start("redis-server", "--bind", redisIp, "--protected-mode", "no", ...memoryOnly)
    .says(/Ready to accept/);
  const isLazy = dice.pick([true, false]);
  const pool = [`${redisIp}:6379`, size, ...(isLazy ? ["--lazy"] : [])];
  await stage.python("server", "redis_pool_server.py", `${ip}:${port}`, ...pool).says(/"ready"/);
  const ports = dice.between(10_000, 25_000);
  const customers = (/** @type {number} */ offset, /** @type {(string | number)[]} */ ...how) =>
    stage.python(
      "client",
      "customers.py",
      "--to",
      `${ip}:${port}`,
      "--from",
      source,
      "--ports",
      ports + offset,
      ...how,
    );
  const calm = customers(0, "--count", 8, "--rounds", 3, "--gap", 0.15, "--spacing", 0.3);
  await world.sleep(0.8);
  await stage.curtain();
  await calm.done(/8 served, 0 not/);
  const patience = dice.pick(["0.8", "0.8,1", "0.8,0.9,1", "0.6,1.2"]);
  const after = dice.between(3, 8);
  const rush = customers(1000, "--count", size, "--spacing", 0.001, "--patience", patience);
  await rush.done(/0 served/);
  const late = customers(2000, "--count", after, "--spacing", 0.2, "--patience", patience);
  await late.done(/0 served/);
  await world.sleep(2);
  const gaveUp = [...rush.notes("gave up"), ...late.notes("gave up")];
  stage.found({
    kind: "dependency-stall",
    holder: { ip, port },
    peers: { [source]: gaveUp.length },
    count: size + after,
    since: Math.min(...gaveUp.map(({ asked }) => asked)),
    until: null,
    numbers: {
      unansweredRequests: size + after,
      poolSize: size,
      "dependency.ip": redisIp,
      "dependency.port": 6379,
      ...clientTimeouts(gaveUp),
    },
  });
}
