/** Incident 5 of five that the tool must recognise. */
/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "dependency-stall",
  shows:
    "A server takes two connections of one Redis pool for each request; when as many requests as the pool is large come at once, all wait for ever: clients give up after 1, 1.1 and 1.2 s, CLOSE-WAIT with unread requests, and the connections to port 6379 stand idle.",
  published: true,
  needs: ["redis-server"],

  async play(world) {
    const size = world.dice.between(16, 24);
    const service = { ip: world.server.v4, port: world.port(8000, 8999) };
    const redis = { ip: `10.0.0.${world.dice.between(201, 240)}`, port: 6379 };
    await world.client.addAddress(redis.ip); // across the wire, seen from the server
    world.watch("customer", service);
    world.watch("pool", redis);
    const memoryOnly = ["--save", "", "--appendonly", "no"];
    await world.client
      .start("redis-server", "--bind", redis.ip, "--protected-mode", "no", ...memoryOnly)
      .says(/Ready to accept/);
    const ports = world.dice.between(33000, 45000);
    const server = world.server.startScript(
      "nested_pool_server.py",
      ...[`${service.ip}:${service.port}`, `${redis.ip}:${redis.port}`, size, world.server.v4, ports],
    );
    await server.says(/ready/);
    const from = ["--to", `${service.ip}:${service.port}`, "--from", world.client.v4];
    const calm = ["--count", 6, "--rounds", 3, "--gap", 0.2, "--spacing", 0.5];
    await world.client.startScript("customers.py", ...from, "--ports", ports + 1000, ...calm).done(/6 served, 0 not/);
    await world.moment("before the rush");
    const patience = ["--patience", "1,1.1,1.2"];
    const rush = ["--count", size, "--spacing", 0.001, ...patience];
    const after = ["--count", 8, "--spacing", 0.4, ...patience];
    const first = world.client.startScript("customers.py", ...from, "--ports", ports + 2000, ...rush);
    await first.done(/0 served/);
    await world.client.startScript("customers.py", ...from, "--ports", ports + 3000, ...after).done(/0 served/);
    await world.moment("when the last customer had given up");
    await world.sleep(2);
    world.incidents.push({
      kind: "dependency-stall",
      holder: service,
      peers: { [world.client.v4]: size + 8 },
      count: size + 8,
      since: first.notes("gave up")[0].asked,
      until: null,
      numbers: {
        unansweredRequests: size + 8,
        "dependency.ip": redis.ip,
        "dependency.port": redis.port,
        poolSize: size,
        poolConnectionsInUse: 0,
        clientTimeouts: { each: "seconds", near: [1, 1.1, 1.2], within: 0.03 },
      },
    });
    world.expectCount("customer", "FIN-WAIT-2", "CLOSE-WAIT", size + 8);
    world.expectCount("pool", "ESTAB", "ESTAB", size);
  },
};
