/** Incident 2 of five that the tool must recognise. */
/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "slow-close",
  shows:
    "Some requests take 3 s, their customers wait 1 or 1.5 s and close, the server notices afterwards: CLOSE-WAIT for 2 and 1.5 s, then closed; three more take a minute and are still in it at the end.",
  published: true,

  async play(world) {
    const service = { ip: world.server.v4, port: world.port(8000, 8999) };
    world.watch("customer", service);
    await world.server.startScript("order_server.py", `${service.ip}:${service.port}`, "slow").says(/ready/);
    const from = ["--to", `${service.ip}:${service.port}`, "--from", world.client.v4, "--spacing", 0.3];
    const first = [
      "--ports",
      world.dice.between(33000, 45000),
      "--count",
      16,
      "--patience",
      "1,1.5",
      "--ask",
      "slow:3,slow:3,order",
    ];
    const customers = world.client.startScript("customers.py", ...from, ...first);
    await world.sleep(3);
    await world.moment("in the middle");
    await customers.done(/5 served, 11 not/);
    await world.sleep(3);
    const last = ["--ports", world.dice.between(46000, 60000), "--count", 3, "--patience", "1", "--ask", "slow:60"];
    await world.client.startScript("customers.py", ...from, ...last).done(/0 served, 3 not/);
    world.incidents.push({
      kind: "slow-close",
      holder: service,
      peers: { [world.client.v4]: 14 },
      count: 14,
      since: customers.notes("gave up")[0].at,
      until: null,
      numbers: {
        closed: 11,
        open: 3,
        longestSeconds: { near: 2, within: 0.1 },
        clientTimeouts: { each: "seconds", near: [1, 1.5], within: 0.03 },
      },
    });
    world.expectCount("customer", "FIN-WAIT-2", "CLOSE-WAIT", 3);
    world.expectCount("customer", "TIME-WAIT", "CLOSED", 16);
  },
};
