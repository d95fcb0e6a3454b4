/** Incident 1 of five that the tool must recognise, its other form. */
const THREADS = 8;
const TIMEOUT_SECONDS = 2;
const SPACING_SECONDS = 0.3;

/** @type {import("../scenario.mjs").Scenario} */
export const scenario = {
  name: "pool-outlives-time-out",
  shows:
    "Eight threads with a urllib3 pool each ask a web server over IPv6 four times and then have other things to do; the server closes what was idle for 2 s, the pools do not notice: CLOSE-WAIT on the client, one more every 0.3 s.",
  published: true,

  async play(world) {
    const service = { ip: world.server.v6, port: 8080 };
    world.watch("pooled", service);
    const to = `${service.ip}:${service.port}`;
    await world.server.startScript("http_instance.py", to, "--idle", TIMEOUT_SECONDS).says(/ready/);
    const asking = ["--threads", THREADS, "--rounds", 4, "--gap", 0.2, "--spacing", SPACING_SECONDS];
    const client = world.client.startScript("thread_sessions.py", "--from", world.client.v6, ...asking, to);
    await world.sleep(1);
    await world.moment("while some asked");
    await client.says(/"idle"/);
    await world.sleep(TIMEOUT_SECONDS + 2);
    const shared = {
      peers: { [service.ip]: THREADS },
      count: THREADS,
      since: client.notes("last use")[0].at + TIMEOUT_SECONDS,
    };
    const idleTimeoutSeconds = { near: TIMEOUT_SECONDS, within: 0.03 };
    world.incidents.push({
      ...shared,
      kind: "idle-pool",
      holder: { ip: world.client.v6, port: null },
      numbers: { connections: THREADS, port: service.port, idleTimeoutSeconds, keepAliveOfHolder: 0 },
    });
    world.incidents.push({
      ...shared,
      kind: "server-idle-timeout",
      holder: service,
      numbers: { idleTimeoutSeconds, sample: THREADS },
      isRemark: true,
    });
    world.expectCount("pooled", "CLOSE-WAIT", "FIN-WAIT-2", THREADS);
  },
};
