/** What is played: every incident by itself, two at once, and traffic without any; in which variation says the seed. */
import { Dice } from "../dice.mjs";
import { connectionCap, redisMaxClients } from "./acts/connection-cap.mjs";
import { dependencyStall } from "./acts/dependency-stall.mjs";
import {
  crash,
  deployment,
  everyday,
  janitor,
  legalHalfClose,
  orderlyProbes,
  quietHalfClose,
  resettingProbes,
} from "./acts/everyday.mjs";
import { crawler, neverAccepted, neverClosed, slowClose } from "./acts/hung-server.mjs";
import { idlePool } from "./acts/idle-pool.mjs";
import { idleTimeout } from "./acts/idle-timeout.mjs";
import { neverTouched } from "./acts/never-touched.mjs";
import { relayedLeak } from "./acts/relayed-leak.mjs";
import { vanishedPeer } from "./acts/vanished-peer.mjs";
import { PACKAGES, pythonWith, Stage, Theatre } from "./stage.mjs";

/** @typedef {(stage: Stage) => Promise<void>} Act Sets itself up, waits for the curtain, goes wrong, and tells what it did. */

/** @type {Record<string, Act>} */
const ACTS = {
  idlePool,
  idleTimeout,
  neverClosed,
  slowClose,
  neverAccepted,
  connectionCap,
  redisMaxClients,
  crawler,
  neverTouched,
  dependencyStall,
  vanishedPeer,
  relayedLeak,
  everyday,
  deployment,
  legalHalfClose,
  quietHalfClose,
  janitor,
  crash,
  resettingProbes,
  orderlyProbes,
};
const INCIDENTS = Object.keys(ACTS).slice(0, 12);

/** At the same time, in the same capture. */
const PAIR_COUNT = 3;

/** Programs that some acts start. */
const NEEDS = {
  redisMaxClients: "redis-server",
  dependencyStall: "redis-server",
  neverTouched: "haproxy",
  relayedLeak: "haproxy",
  vanishedPeer: "nft",
  resettingProbes: "haproxy",
  orderlyProbes: "haproxy",
};

/**
 * @typedef {object} Play
 * @property {string[]} acts
 * @property {4 | 6} family
 * @property {boolean} [midStream] The recording begins when all is under way.
 * @property {boolean} [isLossy]
 */

/** @returns {Play[]} */
export function playsOf(/** @type {number} */ seed) {
  const dice = new Dice(seed, "incidents");
  const family = () => dice.pick(/** @type {const} */ ([4, 6]));
  const isSo = () => dice.pick([true, false]);
  const single = INCIDENTS.map((act) => ({
    acts: isSo() ? [act, "everyday"] : [act],
    family: family(),
    midStream: isSo(),
  }));
  const pairs = Array.from({ length: PAIR_COUNT }, () => {
    const first = dice.pick(INCIDENTS);
    const second = dice.pick(INCIDENTS.filter((act) => act !== first));
    return { acts: [first, second], family: family(), midStream: isSo() };
  });
  const leaks = ["neverClosed", "crawler", "idlePool"];
  return [
    ...single,
    ...pairs,
    { acts: [dice.pick(leaks)], family: family(), isLossy: true },
    { acts: ["everyday"], family: family(), midStream: isSo() },
    { acts: ["everyday", "orderlyProbes"], family: family(), isLossy: true },
    { acts: ["deployment"], family: family(), midStream: isSo() },
    { acts: ["legalHalfClose", "everyday"], family: family(), midStream: isSo() },
    { acts: ["resettingProbes", "orderlyProbes"], family: family(), midStream: isSo() },
    { acts: ["quietHalfClose", "crash"], family: family(), isLossy: isSo() },
    { acts: ["janitor"], family: family(), midStream: isSo() },
  ];
}

/** @returns {import("../scenario.mjs").Scenario} */
export function scenarioOf(
  /** @type {Play} */ { acts, family, midStream = false, isLossy = false },
  /** @type {string} */ python,
) {
  const words = [...acts, `IPv${family}`, ...(midStream ? ["mid-stream"] : []), ...(isLossy ? ["loss"] : [])];
  return {
    name: words.join("-"),
    shows: "",
    recordsLater: midStream,
    isRestless: true,
    ...(isLossy ? { path: /** @type {const} */ ("relay") } : {}),
    needs: ["ip", "tcpdump", ...acts.flatMap((act) => NEEDS[act] ?? [])],
    async play(world) {
      if (isLossy) await spoil(world);
      const theatre = new Theatre(world, python, acts);
      await Promise.all(acts.map((act) => ACTS[act](new Stage(world, family, act, theatre))));
      // Of a request that was lost on its way to the tap only a later copy is seen, perhaps together with the FIN.
      if (!isLossy) return;
      for (const told of world.incidents) {
        if (!("numbers" in told)) continue;
        delete told.numbers.clientTimeouts;
        delete told.numbers.unansweredRequests;
      }
    },
  };
}

/** A path that loses some and lets some overtake. */
async function spoil(/** @type {import("../world.mjs").World} */ { relay, dice }) {
  await relay.call("rule", { name: "lost", odds: 0.03, action: "drop" });
  await relay.call("rule", { name: "late", odds: 0.05, action: "delay", seconds: dice.between(5, 30) / 1000 });
}

/** Why nothing can be played here; null if it can. */
export async function pythonForAll() {
  return pythonWith(PACKAGES);
}
