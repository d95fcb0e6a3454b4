const CONNECTIONS = 10_000;
/** 3 %. */
const FORGOTTEN = 300;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "crowd",
  shows: "Ten thousand short connections, 3 % of which the server never closes.",
  isCrowd: true,

  async play(world) {
    const service = { ip: world.server.v4, port: world.port(8000, 8999) };
    const to = `${service.ip}:${service.port}`;
    world.watch("visitor", service);
    await world.server.startScript("crowd.py", "serve", to).says(/ready/);
    const firstPort = world.dice.between(20_000, 50_000);
    const often = [CONNECTIONS, CONNECTIONS / FORGOTTEN, 100].map(Math.floor);
    const visitors = world.client.startScript("crowd.py", "visit", to, world.client.v4, firstPort, ...often);
    await world.sleep(4);
    await world.moment("in the middle");
    await visitors.done();
    const forgotten = Math.ceil(CONNECTIONS / often[1]);
    world.expectCount("visitor", "FIN-WAIT-2", "CLOSE-WAIT", forgotten);
    world.expectCount("visitor", "TIME-WAIT", "CLOSED", CONNECTIONS - forgotten);
  },
};
