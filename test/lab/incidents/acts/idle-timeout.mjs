/** Python's HTTP server closes what was idle for a fixed time; the pools of urllib3 outlive that. */
/** @type {import("../plays.mjs").Act} */
export async function idleTimeout(stage) {
  const { world, dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(8000, 8999);
  const timeout = dice.between(6, 15) / 10;
  const threads = dice.between(6, 12);
  await stage.python("server", "http_instance.py", "--idle", timeout, `${ip}:${port}`).says(/ready/);
  await stage.curtain();
  const client = stage.python(
    "client",
    "thread_sessions.py",
    ...["--from", source, "--threads", threads, "--rounds", 4, "--gap", 0.1, "--spacing", 0.2, `${ip}:${port}`],
  );
  await client.says(/"idle"/);
  await world.sleep(timeout + 2);
  const since = client.notes("last use")[0].at + timeout;
  const shared = { count: threads, since };
  stage.found({
    ...shared,
    kind: "idle-pool",
    holder: { ip: source, port: null },
    peers: { [ip]: threads },
    numbers: { idleTimeoutSeconds: { near: timeout, within: 0.05 }, connections: threads },
  });
  stage.found({
    ...shared,
    kind: "server-idle-timeout",
    holder: { ip, port },
    peers: { [ip]: threads },
    numbers: { idleTimeoutSeconds: { near: timeout, within: 0.05 } },
    isRemark: true,
  });
}
