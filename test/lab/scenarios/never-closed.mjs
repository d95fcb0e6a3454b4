/** Incident 2 of five that the tool must recognise. */
/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "never-closed",
  shows:
    "A threaded server answers, but forgets to close when a request fails; every fourth customer meets that, waits 1 s and closes: five connections in CLOSE-WAIT, fifteen closed in order.",
  published: true,

  async play(world) {
    const port = world.port(8000, 8999);
    const service = { ip: world.server.v4, port };
    world.watch("customer", service);
    await world.server.startScript("order_server.py", `${service.ip}:${port}`, "forgets-close").says(/ready/);
    const customers = world.client.startScript(
      "customers.py",
      ...["--to", `${service.ip}:${port}`, "--from", world.client.v4, "--ports", world.dice.between(33000, 60000)],
      ...[
        "--count",
        20,
        "--rounds",
        2,
        "--gap",
        0.3,
        "--spacing",
        0.25,
        "--patience",
        1,
        "--ask",
        "order,order,order,fail",
      ],
    );
    await world.sleep(3);
    await world.moment("in the middle");
    await customers.done(/15 served, 5 not/);
    await world.sleep(3);
    world.incidents.push({
      kind: "never-closed",
      holder: service,
      peers: { [world.client.v4]: 5 },
      count: 5,
      since: customers.notes("gave up")[0].at,
      numbers: {
        connections: 5,
        ofConnections: 20,
        unansweredRequests: 5,
        clientTimeouts: { each: "seconds", near: [1], within: 0.03 },
        growthPerHour: { near: 3600, within: 100 },
      },
    });
    world.expectCount("customer", "FIN-WAIT-2", "CLOSE-WAIT", 5);
    world.expectCount("customer", "TIME-WAIT", "CLOSED", 15);
  },
};
