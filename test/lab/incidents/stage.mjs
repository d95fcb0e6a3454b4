/** Where the incidents of one play happen: one world, one address family, and a curtain that goes up when all are ready. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Dice } from "../dice.mjs";

/** Debian's Python has Debian's packages. */
const PYTHONS = ["python3", "/usr/bin/python3"];

/** Packages that programs/ import. */
export const PACKAGES = ["urllib3", "redis"];

/** A Python that has them all; null if there is none. */
export async function pythonWith(/** @type {readonly string[]} */ packages) {
  for (const python of PYTHONS) {
    const isComplete = await promisify(execFile)(python, ["-c", `import ${packages.join()}`]).then(
      () => true,
      () => false,
    );
    if (isComplete) return python;
  }
  return null;
}

/** What happened; as a function where it goes on until the recording stops. @typedef {import("./judge.mjs").IncidentTruth} Truth */
/** @typedef {Truth | (() => Truth)} Told */

/** A timer of a busy machine is late, each time by another amount. Beyond this the waits show no setting any more. */
const LATE_SHARE = 0.02;
const LATE_SECONDS = 0.01;

/**
 * What must be told of the time-outs of customers, from their notes; nothing where the machine was too busy to keep them.
 * @param {{at: number, asked: number, patience: number}[]} gaveUp
 * @returns {Record<string, import("./judge.mjs").Expected>}
 */
export function clientTimeouts(gaveUp) {
  const settings = [...new Set(gaveUp.map(({ patience }) => patience))].sort((a, b) => a - b);
  const isKept = gaveUp.every(({ at, asked, patience }) => {
    const late = at - asked - patience;
    return late < Math.max(LATE_SECONDS, LATE_SHARE * patience);
  });
  return isKept ? { clientTimeouts: { each: "seconds", near: settings, within: 0.03 } } : {};
}

export class Stage {
  world;
  family;
  dice;
  /** A name of its own for what happens there, so that acts do not share numbers. */
  #name;
  #theatre;

  /**
   * @param {import("../world.mjs").World} world
   * @param {4 | 6} family
   * @param {string} name
   * @param {Theatre} theatre
   */
  constructor(world, family, name, theatre) {
    this.world = world;
    this.family = family;
    this.#name = name;
    this.#theatre = theatre;
    this.dice = new Dice(world.plan.seed, `${world.plan.scenario}/${name}`);
  }

  /** The host's own address, from which it connects unless told otherwise. */
  own(/** @type {"client" | "server"} */ host) {
    return this.family === 4 ? this.world[host].v4 : this.world[host].v6;
  }

  /** An address that nobody else has. */
  async address(/** @type {"client" | "server"} */ host) {
    const number = this.#theatre.number();
    const ip = this.family === 4 ? `10.0.0.${number}` : `2001:db8::${number}`;
    await this.world[host].addAddress(ip);
    return ip;
  }

  /** Starts a program of programs/ with a Python that has the packages it needs. */
  python(
    /** @type {"client" | "server"} */ host,
    /** @type {string} */ script,
    /** @type {(string | number)[]} */ ...parameters
  ) {
    return this.world[host].start(
      this.#theatre.python,
      new URL(`../programs/${script}`, import.meta.url).pathname,
      ...parameters,
    );
  }

  node(
    /** @type {"client" | "server"} */ host,
    /** @type {string} */ script,
    /** @type {(string | number)[]} */ ...parameters
  ) {
    return this.world[host].start(
      process.execPath,
      new URL(`../programs/${script}`, import.meta.url).pathname,
      ...parameters,
    );
  }

  /** Ready. Returns when all are, and the recording has begun. */
  curtain() {
    return this.#theatre.ready(this.#name);
  }

  seconds(/** @type {number} */ low, /** @type {number} */ high) {
    return this.dice.between(low * 100, high * 100) / 100;
  }

  found(/** @type {Told} */ told) {
    this.world.incidents.push(told);
  }
}

/** What the acts of one play share. */
export class Theatre {
  world;
  python;
  #awaited;
  #begin = () => {};
  #begun = new Promise((resolve) => {
    this.#begin = () => resolve(undefined);
  });
  #next = 201;

  /** @param {import("../world.mjs").World} world @param {string} python @param {readonly string[]} acts */
  constructor(world, python, acts) {
    this.world = world;
    this.python = python;
    this.#awaited = new Set(acts);
  }

  number() {
    if (this.#next > 254) throw new Error("no addresses left");
    return this.#next++;
  }

  async ready(/** @type {string} */ act) {
    this.#awaited.delete(act);
    if (this.#awaited.size === 0) {
      if (this.world.taps.length === 0) await this.world.record();
      this.#begin();
    }
    await this.#begun;
  }
}
