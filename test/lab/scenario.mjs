/** Finds the scenarios, and plays one: a world, recordings, the script, the kernel's last word, the truth. */
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { checkIntentions, truthOf } from "./truth.mjs";
import { hasTshark, Wire } from "./wire.mjs";
import { World } from "./world.mjs";

/**
 * @typedef {object} Scenario
 * @property {string} name Kebab-case; its file in scenarios/ has the same name.
 * @property {string} shows One sentence: what happens, and what is left when the recording stops.
 * @property {boolean} [published] Kept in captures/ as an example and as a test.
 * @property {import("./network.mjs").Path} [path] Default `veth`.
 * @property {readonly import("./tap.mjs").TapPlan[]} [taps] Default: `<name>.pcap`, at the server's interface.
 * @property {boolean} [recordsLater] The recording starts when the script calls `world.record()`.
 * @property {boolean} [isCrowd] So many connections that it is played alone.
 * @property {boolean} [isRestless] Its programs go on to the end: it is not waited until nothing changes.
 * @property {readonly string[]} [needs] Programs it cannot be played without.
 * @property {(world: World) => Promise<void>} play
 */

const SCENARIOS = new URL("scenarios/", import.meta.url);

/** The named scenarios, or all. @returns {Promise<Scenario[]>} */
export async function loadScenarios(/** @type {readonly string[]} */ names = []) {
  const all = (await readdir(SCENARIOS)).map((file) => file.replace(/\.mjs$/, "")).sort();
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`no such scenario: ${unknown.join(", ")}; there are ${all.join(", ")}`);
  const chosen = names.length > 0 ? names : all;
  return Promise.all(chosen.map(async (name) => (await import(new URL(`${name}.mjs`, SCENARIOS).href)).scenario));
}

/** Programs the scenario needs and this machine does not have. */
export async function missingPrograms(/** @type {Scenario} */ { needs = [] }) {
  /** @type {string[]} */
  const missing = [];
  for (const program of needs) {
    await promisify(execFile)("which", [program]).catch(() => missing.push(program));
  }
  return missing;
}

/**
 * @param {Scenario} scenario
 * @param {{seed: number, directory: string}} where `directory` takes the recordings.
 * @returns {Promise<import("./truth.mjs").Truth>}
 */
export async function playScenario(scenario, { seed, directory }) {
  const { name, path = "veth", taps = [{ file: `${name}.pcap` }] } = scenario;
  const world = await World.create({ scenario: name, seed, path, taps, directory });
  try {
    if (!scenario.recordsLater) await world.record();
    await scenario.play(world);
    const stop = "when the recording stopped";
    await (scenario.isRestless ? world.moment(stop) : world.settled(stop));
    await Promise.all(world.taps.map((tap) => tap.stop()));
    const wire = (await hasTshark()) ? await Wire.read(join(directory, taps[0].file)) : undefined;
    const truth = truthOf(world, scenario.shows, wire);
    checkIntentions(world, truth);
    return truth;
  } catch (problem) {
    await Promise.allSettled(world.taps.map((tap) => tap.stop())); // what was recorded may tell why
    throw new Error(`${name}, seed ${seed}: ${/** @type {Error} */ (problem).message}`, { cause: problem });
  } finally {
    await world.close();
  }
}
