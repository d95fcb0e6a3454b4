/** Traffic of which nothing is to be said. */
import { startBalancer } from "../balancer.mjs";

/** Node's http.Agent notices that a server has closed an idle connection, and closes, too; customers come, ask and go. */
/** @type {import("../plays.mjs").Act} */
export async function everyday(stage) {
  const { dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(7000, 7999);
  await stage.node("server", "web_instance.mjs", ip, port, 10, 200).says(/ready/);
  await stage.python("server", "order_server.py", `${ip}:${port + 1000}`, "slow").says(/ready/);
  await stage.curtain();
  const web = stage.node("client", "web_client.mjs", ip, port, source, 4, dice.between(2, 6), 1600);
  const customers = stage.python(
    "client",
    "customers.py",
    ...["--to", `${ip}:${port + 1000}`, "--from", source, "--ports", dice.between(10_000, 30_000)],
    ...["--count", dice.between(10, 30), "--rounds", 2, "--gap", 0.1, "--spacing", 0.1],
  );
  await Promise.all([web.says(/asked/), customers.done(/ 0 not/)]);
}

/** An instance is terminated while its client watches. */
/** @type {import("../plays.mjs").Act} */
export async function deployment(stage) {
  const { world, dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(7000, 7999);
  const instance = stage.node("server", "web_instance.mjs", ip, port, 30, 60_000);
  await instance.says(/ready/);
  await stage.curtain();
  const client = stage.node("client", "web_client.mjs", ip, port, source, 3, dice.between(4, 12), 300);
  await client.says(/asked/);
  await world.sleep(1.5);
  await instance.end("SIGTERM");
  await world.sleep(1.5);
}

/** Streams to clients that have finished sending, and mean it. */
/** @type {import("../plays.mjs").Act} */
export async function legalHalfClose(stage) {
  const { world, dice } = stage;
  const service = await world.listen({ ip: stage.family });
  await stage.curtain();
  const streams = await world.openMany(dice.between(3, 6), service, { label: "stream" });
  for (const { client, server } of streams) {
    await client.send("everything, please\n");
    await client.shutdown();
    await server.receiveAll();
  }
  for (let part = dice.between(8, 14); part > 0; part--) {
    for (const { client, server } of streams) {
      await server.send("apples\n");
      await client.receive(7);
    }
    await world.sleep(0.3);
  }
  for (const { client, server } of streams.slice(1)) {
    await server.close();
    await client.receiveAll();
    await client.close();
  }
}

/** HAProxy's own way to check: a reset as soon as the handshake is complete. Others are served. */
/** @type {import("../plays.mjs").Act} */
export async function resettingProbes(stage) {
  const { dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(7000, 7999);
  await stage.python("server", "order_server.py", `${ip}:${port}`, "slow").says(/ready/);
  await stage.curtain();
  await startBalancer(stage, { source, server: { ip, port }, period: 0.3, check: "" });
  const customers = ["--ports", dice.between(10_000, 30_000), "--count", 10, "--rounds", 2, "--spacing", 0.3];
  await stage.python("client", "customers.py", "--to", `${ip}:${port}`, "--from", source, ...customers).done(/ 0 not/);
}

/** Checks that close in order, of a server that notices. */
/** @type {import("../plays.mjs").Act} */
export async function orderlyProbes(stage) {
  const { world, dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(7000, 7999);
  await stage.python("server", "acceptor.py", `${ip}:${port}`).says(/ready/);
  await stage.curtain();
  await startBalancer(stage, { source, server: { ip, port }, period: 0.3, check: "tcp-check connect linger" });
  await world.sleep(4);
}

/** Clients that have finished sending and wait for an answer that takes long. */
/** @type {import("../plays.mjs").Act} */
export async function quietHalfClose(stage) {
  const { world, dice } = stage;
  const service = await world.listen({ ip: stage.family });
  await stage.curtain();
  for (let round = dice.between(2, 3); round > 0; round--) {
    const jobs = await world.openMany(dice.between(2, 5), service, { label: "job" });
    for (const { client, server } of jobs) {
      await client.send("compute, please\n");
      await client.shutdown();
      await server.receiveAll();
    }
    await world.sleep(stage.seconds(1.2, 2.2));
    for (const { client, server } of jobs) {
      await server.send("42 apples\n");
      await server.close();
      await client.receiveAll();
      await client.close();
    }
  }
}

/** A pool whose janitor comes by every now and then and closes what the server has closed. */
/** @type {import("../plays.mjs").Act} */
export async function janitor(stage) {
  const { world, dice } = stage;
  const service = await world.listen({ ip: stage.family });
  await stage.curtain();
  const period = stage.seconds(0.8, 1.6);
  for (let round = 4; round > 0; round--) {
    const pooled = await world.openMany(dice.between(3, 6), service, { label: "pooled" });
    for (const connection of pooled) {
      await connection.exchange();
      await connection.exchange();
    }
    for (const { server } of pooled) {
      await world.sleep((period * dice.fraction()) / 2);
      await server.close();
    }
    await world.sleep((period * dice.fraction()) / 2);
    for (const { client } of pooled) {
      await client.receiveAll();
      await client.close();
    }
  }
}

/** A server is killed with requests in hand; its successor serves on. */
/** @type {import("../plays.mjs").Act} */
export async function crash(stage) {
  const { world, dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(7000, 7999);
  const first = stage.python("server", "order_server.py", `${ip}:${port}`, "slow");
  await first.says(/ready/);
  await stage.curtain();
  const asking = [
    "--to",
    `${ip}:${port}`,
    "--from",
    source,
    "--rounds",
    20,
    "--gap",
    0.2,
    "--count",
    dice.between(4, 9),
  ];
  const ports = dice.between(10_000, 20_000);
  const customers = stage.python("client", "customers.py", ...asking, "--ports", ports);
  await customers.says(/"served"/);
  await world.sleep(1.5);
  await first.end("SIGKILL");
  await stage.python("server", "order_server.py", `${ip}:${port}`, "slow").says(/ready/);
  const others = ["--rounds", 3, "--count", 8, "--ports", ports + 1000];
  await stage.python("client", "customers.py", ...asking.slice(0, 4), ...others).done(/8 served/);
}
