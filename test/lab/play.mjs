/** Plays many scenarios, some of them at once: they sleep most of the time. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingPrograms, playScenario } from "./scenario.mjs";

const AT_ONCE_MAX = 8;

/** On a busy machine a script may come too late for what it was to show; the wire and the kernel are right all the same. */
const ATTEMPT_COUNT_MAX = 3;

/**
 * @typedef {import("./scenario.mjs").Scenario} Scenario
 *
 * @typedef {object} Outcome One of the last three says how it went.
 * @property {Scenario} scenario
 * @property {string} directory Holds the recordings.
 * @property {import("./truth.mjs").Truth} [truth]
 * @property {number} [attempt] How often it was played until it went as it was meant to.
 * @property {string} [before] What went otherwise the time before.
 * @property {string} [skipped] Why it could not be played here.
 * @property {string} [failed] What went otherwise than it was meant to.
 */

/**
 * @param {readonly Scenario[]} scenarios
 * @param {number} seed
 * @param {(outcome: Outcome) => Promise<void>} tell Called as each one ends.
 */
export async function playAll(scenarios, seed, tell) {
  // The longest first would be better still; crowds last, since they need a processor for themselves.
  const waiting = scenarios.filter(({ isCrowd }) => !isCrowd);
  await Promise.all(Array.from({ length: AT_ONCE_MAX }, () => playWaiting(waiting, seed, tell)));
  await playWaiting(
    scenarios.filter(({ isCrowd }) => isCrowd),
    seed,
    tell,
  );
}

/**
 * @param {Scenario[]} waiting
 * @param {number} seed
 * @param {(outcome: Outcome) => Promise<void>} tell
 */
async function playWaiting(waiting, seed, tell) {
  for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
    const directory = await mkdtemp(join(tmpdir(), `closewait-${scenario.name}-`));
    const missing = await missingPrograms(scenario);
    if (missing.length > 0) {
      await tell({ scenario, directory, skipped: `needs ${missing.join(", ")}` });
      continue;
    }
    await tell({ scenario, directory, ...(await attempts(scenario, { seed, directory })) });
  }
}

/** @returns {Promise<{truth: import("./truth.mjs").Truth, attempt: number, before: string} | {failed: string}>} */
async function attempts(/** @type {Scenario} */ scenario, /** @type {{seed: number, directory: string}} */ how) {
  let before = "";
  for (let attempt = 1; ; attempt++) {
    try {
      return { truth: await playScenario(scenario, how), attempt, before };
    } catch (problem) {
      before = /** @type {Error} */ (problem).message;
      if (attempt === ATTEMPT_COUNT_MAX) return { failed: before };
    }
  }
}
