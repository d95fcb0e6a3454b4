/** Incident 2 of five that the tool must recognise. */
/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "never-accepted",
  shows:
    "A single-threaded server stays with its first client; twelve others wait in its accept queue, ask, are acknowledged by the kernel alone, give up after 1 s and close: CLOSE-WAIT that no application ever had.",
  published: true,

  async play(world) {
    const service = { ip: world.server.v4, port: world.port(8000, 8999) };
    world.watch("customer", service);
    await world.server.startScript("order_server.py", `${service.ip}:${service.port}`, "single-threaded").says(/ready/);
    const from = ["--to", `${service.ip}:${service.port}`, "--from", world.client.v4];
    const first = ["--ports", world.dice.between(33000, 45000), "--rounds", 100, "--gap", 0.5];
    world.client.startScript("customers.py", ...from, ...first);
    await world.sleep(1);
    const others = ["--ports", world.dice.between(46000, 60000), "--count", 12, "--spacing", 0.2, "--patience", 1];
    const queued = world.client.startScript("customers.py", ...from, ...others);
    await queued.done(/0 served, 12 not/);
    await world.moment("when the last one had given up");
    await world.sleep(3);
    world.incidents.push({
      kind: "never-accepted",
      holder: service,
      peers: { [world.client.v4]: 12 },
      count: 12,
      since: queued.notes("gave up")[0].at,
      until: null,
      numbers: { connections: 12, clientTimeouts: { each: "seconds", near: [1], within: 0.03 } },
    });
    world.expectCount("customer", "FIN-WAIT-2", "CLOSE-WAIT", 12);
    world.expectCount("customer", "ESTAB", "ESTAB", 1);
  },
};
