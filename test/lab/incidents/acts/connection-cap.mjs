/** Servers with a limit: one for each client address, written for the purpose, and Redis with maxclients. */
/** @type {import("../plays.mjs").Act} */
export async function connectionCap(stage) {
  const { world, dice } = stage;
  const [ip, source, other] = [
    await stage.address("server"),
    await stage.address("client"),
    await stage.address("client"),
  ];
  const port = 2181;
  const cap = dice.between(8, 60);
  const refused = dice.between(15, 40);
  const retry = stage.seconds(0.05, 0.12);
  const registry = stage.python("server", "registry.py", `${ip}:${port}`, cap);
  await registry.says(/ready/);
  const ports = dice.between(10_000, 30_000);
  const seconds = ["--ping", 0.3, "--seconds", 60, `${ip}:${port}`];
  stage.python("client", "sessions.py", "--from", other, "--ports", ports, "--sessions", 3, ...seconds);
  await stage.curtain();
  const more = ["--sessions", cap, "--more", refused, "--retry", retry];
  const atCap = stage.python("client", "sessions.py", "--from", source, "--ports", ports + 1000, ...more, ...seconds);
  await atCap.says(/tried/);
  await world.sleep(2.5);
  const refusals = registry.notes("refused");
  if (refusals.length !== refused) throw new Error(`${refusals.length} refused, not ${refused}`);
  stage.found({
    kind: "connection-cap",
    holder: { ip, port },
    peers: { [source]: refused },
    count: refused,
    since: refusals[0].at,
    until: refusals.at(-1).at,
    numbers: {
      cap,
      refused,
      client: source,
      refusedPerSecond: { near: (refused - 1) / (refusals.at(-1).at - refusals[0].at), within: 0.5 },
      timeWaitPeak: refused,
    },
  });
}

/** @type {import("../plays.mjs").Act} */
export async function redisMaxClients(stage) {
  const { world, dice } = stage;
  const ip = await stage.address("server");
  const source = stage.own("client");
  const cap = dice.between(6, 30);
  const memoryOnly = ["--save", "", "--appendonly", "no"];
  await world.server
    .start("redis-server", "--bind", ip, "--protected-mode", "no", "--maxclients", cap, ...memoryOnly)
    .says(/Ready to accept/);
  const more = dice.between(10, 25);
  const client = stage.python(
    "client",
    "redis_clients.py",
    ...["--sessions", cap, "--more", more, "--retry", stage.seconds(0.06, 0.15), `${ip}:6379`],
  );
  await client.says(/"ready"/);
  await stage.curtain();
  await world.sleep(0.8);
  client.tell("go");
  await client.says(/"tried"/);
  await world.sleep(2);
  const [{ rejected }] = client.notes("tried");
  const refusals = client.notes("refused");
  stage.found({
    kind: "connection-cap",
    holder: { ip, port: 6379 },
    peers: { [source]: rejected },
    count: rejected,
    since: refusals[0].at,
    until: refusals.at(-1).at,
    numbers: { cap, refused: rejected, client: source },
  });
}
