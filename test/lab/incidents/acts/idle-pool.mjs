/** urllib3 keeps the connections to instances that have left the registry and are terminated, one after the other. */
import { clock } from "../../kernel.mjs";

/** @type {import("../plays.mjs").Act} */
export async function idlePool(stage) {
  const { world, dice } = stage;
  const size = dice.between(3, 6);
  const port = dice.between(8000, 8999);
  const ips = [];
  for (let count = dice.between(2, 4); count > 0; count--) ips.push(await stage.address("server"));
  const source = await stage.address("client");
  const instances = ips.map((ip) => stage.node("server", "web_instance.mjs", ip, port, 80, 60_000));
  await Promise.all(instances.map((instance) => instance.says(/ready/)));
  const gap = stage.seconds(0.2, 0.4);
  const hasKeepAlive = dice.pick([true, false]);
  const client = stage.python(
    "client",
    "pooled_client.py",
    ...["--from", source, "--size", size, "--rounds", 6, "--gap", gap, ...(hasKeepAlive ? ["--keep-alive"] : [])],
    ...ips.map((ip) => `${ip}:${port}`),
  );
  await client.says(/"number": 2\b/);
  await stage.curtain();
  await client.says(/registry changed/);
  const [{ at: lastUse, opened }] = client.notes("registry changed");
  if (opened.some((/** @type {number} */ count) => count !== size))
    throw new Error(`pools of ${opened}, not of ${size}`);
  await world.sleep(stage.seconds(1.2, 2.5));
  const ended = [];
  const spacing = stage.seconds(0.05, 0.3);
  for (const instance of instances.slice(0, -1)) {
    await instance.end("SIGTERM");
    ended.push(clock());
    await world.sleep(spacing);
  }
  await world.sleep(2.5);
  const count = size * ended.length;
  stage.found({
    kind: "idle-pool",
    holder: { ip: source, port: null },
    peers: Object.fromEntries(ips.slice(0, -1).map((ip) => [ip, size])),
    count,
    since: ended[0],
    numbers: {
      connections: count,
      port,
      closedWithinSeconds: { near: ended.at(-1) - ended[0], within: 0.25 },
      idleMedianSeconds: { near: ended[Math.floor((ended.length - 1) / 2)] - lastUse, within: 0.4 },
      idleTimeoutSeconds: null,
      keepAliveOfHolder: hasKeepAlive ? count : 0,
    },
  });
}
