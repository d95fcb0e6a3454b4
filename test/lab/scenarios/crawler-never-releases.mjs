import { clock } from "../kernel.mjs";

/** Incident 3 of five that the tool must recognise. */
/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "crawler-never-releases",
  shows:
    "A web server closes after each answer, the crawler keeps the response and never closes: CLOSE-WAIT on the client, one more every 0.5 s.",
  published: true,

  async play(world) {
    const site = { ip: world.server.v4, port: 80 };
    world.watch("page", site);
    await world.server.startScript("http_instance.py", `${site.ip}:${site.port}`, "--close").says(/ready/);
    const ports = ["--from", world.client.v4, "--ports", world.dice.between(33000, 60000)];
    const crawl = ["--count", 12, "--gap", 0.5, `${site.ip}:${site.port}`];
    const since = clock();
    const crawler = world.client.startScript("crawler.py", ...ports, ...crawl);
    await world.sleep(3);
    await world.moment("in the middle");
    await crawler.says(/crawled/);
    await world.sleep(2);
    world.incidents.push({
      kind: "never-closed",
      holder: { ip: world.client.v4, port: null },
      peers: { [site.ip]: 12 },
      count: 12,
      since,
      numbers: { connections: 12, ofConnections: 12, growthPerHour: { near: 7200, within: 200 } },
    });
    world.expectCount("page", "CLOSE-WAIT", "FIN-WAIT-2", 12);
  },
};
