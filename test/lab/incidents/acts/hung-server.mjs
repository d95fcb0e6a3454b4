/** The server hung: close() is missing, or the application is slow, or nobody accepts. */
import { clientTimeouts } from "../stage.mjs";

const customers = (
  /** @type {import("../stage.mjs").Stage} */ stage,
  /** @type {string} */ to,
  /** @type {string} */ from,
  /** @type {(string | number)[]} */ ...how
) =>
  stage.python(
    "client",
    "customers.py",
    "--to",
    to,
    "--from",
    from,
    "--ports",
    stage.dice.between(10_000, 30_000),
    ...how,
  );

/** @type {import("../plays.mjs").Act} */
export async function neverClosed(stage) {
  const { world, dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(8000, 8999);
  await stage.python("server", "order_server.py", `${ip}:${port}`, "forgets-close").says(/ready/);
  await stage.curtain();
  const every = dice.between(2, 4);
  const leaks = dice.between(3, 8);
  const words = [...Array(every - 1).fill("order"), "fail"].join();
  const patience = stage.seconds(0.6, 1.4);
  const asking = ["--rounds", 2, "--gap", 0.1, "--spacing", 0.1, "--patience", patience, "--ask", words];
  const all = customers(stage, `${ip}:${port}`, source, "--count", every * leaks, ...asking);
  await all.done(new RegExp(`${(every - 1) * leaks} served, ${leaks} not`));
  await world.sleep(2);
  const gaveUp = all.notes("gave up");
  stage.found({
    kind: "never-closed",
    holder: { ip, port },
    peers: { [source]: leaks },
    count: leaks,
    since: gaveUp[0].at,
    numbers: {
      connections: leaks,
      ofConnections: every * leaks,
      unansweredRequests: leaks,
      ...clientTimeouts(gaveUp),
    },
  });
}

/** @type {import("../plays.mjs").Act} */
export async function slowClose(stage) {
  const { dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  const port = dice.between(8000, 8999);
  await stage.python("server", "order_server.py", `${ip}:${port}`, "slow").says(/ready/);
  await stage.curtain();
  const work = stage.seconds(2.1, 2.8);
  const patience = stage.seconds(0.5, 1);
  const late = dice.between(4, 9);
  const asking = ["--spacing", 0.15, "--patience", patience, "--ask", `slow:${work},order`];
  const all = customers(stage, `${ip}:${port}`, source, "--count", 2 * late, ...asking);
  await all.done(new RegExp(`${late} served, ${late} not`));
  await stage.world.sleep(work + 1);
  const gaveUp = all.notes("gave up");
  stage.found({
    kind: "slow-close",
    holder: { ip, port },
    peers: { [source]: late },
    count: late,
    since: gaveUp[0].at,
    until: gaveUp.at(-1).at + work - patience,
    numbers: {
      closed: late,
      open: 0,
      lastsMedianSeconds: { near: work - patience, within: 0.1 },
      ...clientTimeouts(gaveUp),
    },
  });
}

/** @type {import("../plays.mjs").Act} */
export async function neverAccepted(stage) {
  const { world, dice } = stage;
  const [ip, source, first] = [
    await stage.address("server"),
    await stage.address("client"),
    await stage.address("client"),
  ];
  const port = dice.between(8000, 8999);
  await stage.python("server", "order_server.py", `${ip}:${port}`, "single-threaded").says(/ready/);
  customers(stage, `${ip}:${port}`, first, "--rounds", 200, "--gap", 0.25);
  await world.sleep(0.6);
  await stage.curtain();
  const waiting = dice.between(4, 14);
  const patience = stage.seconds(0.6, 1.2);
  const others = customers(
    stage,
    `${ip}:${port}`,
    source,
    "--count",
    waiting,
    "--spacing",
    0.1,
    "--patience",
    patience,
  );
  await others.done(new RegExp(`0 served, ${waiting} not`));
  await world.sleep(2);
  stage.found({
    kind: "never-accepted",
    holder: { ip, port },
    peers: { [source]: waiting },
    count: waiting,
    since: others.notes("gave up")[0].at,
    until: null,
    numbers: { connections: waiting, ...clientTimeouts(others.notes("gave up")) },
  });
}

/** @type {import("../plays.mjs").Act} */
export async function crawler(stage) {
  const { world, dice } = stage;
  const [ip, source] = [await stage.address("server"), await stage.address("client")];
  await stage.python("server", "http_instance.py", `${ip}:80`, "--close").says(/ready/);
  await stage.curtain();
  const gap = stage.seconds(0.15, 0.4);
  const count = Math.ceil(4 / gap) + dice.between(0, 5);
  const crawling = stage.python(
    "client",
    "unreleased_crawler.py",
    "--from",
    source,
    "--count",
    count,
    "--gap",
    gap,
    `${ip}:80`,
  );
  await crawling.says(/"crawled"/);
  await world.sleep(2);
  const pages = crawling.notes("page");
  const perHour = (3600 * (count - 1)) / (pages.at(-1).at - pages[0].at);
  stage.found({
    kind: "never-closed",
    holder: { ip: source, port: null },
    peers: { [ip]: count },
    count,
    since: pages[0].at,
    numbers: { connections: count, growthPerHour: { near: perHour, within: 0.2 * perHour } },
  });
}
