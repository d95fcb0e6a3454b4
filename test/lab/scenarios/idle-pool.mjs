import { clock } from "../kernel.mjs";

/** Incident 1 of five that the tool must recognise. */
const SIZE = 6;
const SERVICE_PORT = 8080;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "idle-pool",
  shows:
    "A client pools six HTTP connections to each of three instances; two instances leave the registry, go idle and are terminated 4 s later: twelve connections in CLOSE-WAIT on the client, which goes on with the third.",
  published: true,

  async play(world) {
    const [first, second, third] = await addresses(world);
    const instances = [first, second, third].map((ip) => {
      world.watch(`pooled, ${ip === third ? "in use" : "terminated"}`, { ip, port: SERVICE_PORT });
      return world.server.startScript("http_instance.py", `${ip}:${SERVICE_PORT}`);
    });
    await Promise.all(instances.map((instance) => instance.says(/ready/)));
    const pool = ["--from", world.client.v4, "--ports", world.dice.between(33000, 60000), "--size", SIZE];
    const registry = [first, second, third].map((ip) => `${ip}:${SERVICE_PORT}`);
    const client = world.client.startScript(
      "idle_pool.py",
      ...pool,
      "--idle-after",
      2,
      "--keep",
      registry[2],
      ...registry,
    );
    await world.sleep(1.5);
    await world.moment("while all were in use");
    await client.says(/registry changed/);
    await world.sleep(4);
    await instances[0].end("SIGTERM");
    const since = clock();
    await world.sleep(0.4);
    await instances[1].end("SIGTERM");
    const until = clock();
    await world.sleep(4);
    await world.moment("4 s after the instances were gone");
    await world.sleep(2);
    world.incidents.push({
      kind: "idle-pool",
      holder: { ip: world.client.v4, port: null },
      peers: { [first]: SIZE, [second]: SIZE },
      count: 2 * SIZE,
      since,
      until,
      numbers: {
        port: SERVICE_PORT,
        closedWithinSeconds: { near: 0.4, within: 0.1 },
        idleMedianSeconds: { near: 5, within: 1 }, // 4 s, and a part of the last round
        idleTimeoutSeconds: null,
        keepAliveOfHolder: 0,
      },
    });
    world.expectCount("pooled, terminated", "CLOSE-WAIT", "FIN-WAIT-2", 2 * SIZE);
    world.expectCount("pooled, in use", "ESTAB", "ESTAB", SIZE);
  },
};

/** Three addresses of the server. @param {import("../world.mjs").World} world */
async function addresses(world) {
  const more = [world.dice.between(201, 220), world.dice.between(221, 240)].map((number) => `10.0.0.${number}`);
  for (const ip of more) await world.server.addAddress(ip);
  return [world.server.v4, ...more];
}
