/** Plays many scenarios, some of them at once: they sleep most of the time. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { missingPrograms, playScenario } from "./scenario.mjs";

const AT_ONCE_MAX = 10;

/**
 * @typedef {import("./scenario.mjs").Scenario} Scenario
 *
 * @typedef {object} Outcome One of the last three says how it went.
 * @property {Scenario} scenario
 * @property {string} directory Holds the recordings.
 * @property {import("./truth.mjs").Truth} [truth]
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
    try {
      await tell({ scenario, directory, truth: await playScenario(scenario, { seed, directory }) });
    } catch (problem) {
      await tell({ scenario, directory, failed: /** @type {Error} */ (problem).message });
    }
  }
}
