/** HAProxy between customers and a server that forgets to close: it is stuck on both legs, and a victim. */
import { startProxy } from "../balancer.mjs";

/** @type {import("../plays.mjs").Act} */
export async function relayedLeak(stage) {
  const { world, dice } = stage;
  // The server behind the proxy is across the wire, too: both legs are in the recording.
  const [ip, source, proxy] = [await stage.address("client"), await stage.address("client"), stage.own("server")];
  const [port, proxyPort] = [dice.between(9000, 9400), dice.between(9500, 9900)];
  await stage.python("client", "order_server.py", `${ip}:${port}`, "forgets-close").says(/ready/);
  await startProxy(stage, { ip: proxy, port: proxyPort }, { ip, port });
  await stage.curtain();
  const leaks = dice.between(3, 7);
  const customers = stage.python(
    "client",
    "customers.py",
    ...["--to", `${proxy}:${proxyPort}`, "--from", source, "--ports", dice.between(10_000, 30_000)],
    ...[
      "--count",
      3 * leaks,
      "--rounds",
      2,
      "--gap",
      0.1,
      "--spacing",
      0.1,
      "--patience",
      0.7,
      "--ask",
      "order,order,fail",
    ],
  );
  await customers.done(new RegExp(`${2 * leaks} served, ${leaks} not`));
  await world.sleep(2);
  const since = customers.notes("gave up")[0].at;
  stage.found({
    kind: "never-closed",
    holder: { ip, port },
    peers: { [proxy]: leaks },
    count: leaks,
    since,
    numbers: {
      connections: leaks,
      "relayedBy.0.ip": proxy,
      "relayedBy.0.port": proxyPort,
      "relayedBy.0.connections": leaks,
    },
  });
  stage.found({
    kind: "never-closed",
    holder: { ip: proxy, port: proxyPort },
    peers: { [source]: leaks },
    count: leaks,
    since,
    numbers: { connections: leaks },
    isRemark: true,
  });
}
