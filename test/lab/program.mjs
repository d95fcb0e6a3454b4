/** A real program in a namespace: not told what to do with its sockets, only started, listened to and ended. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MILLISECONDS = 20_000;

export class Program {
  /** What it printed, on both channels. */
  output = "";
  #child;
  #command;

  constructor(/** @type {string} */ namespace, /** @type {string} */ command, /** @type {string[]} */ parameters) {
    this.#command = command;
    this.#child = spawn("ip", ["netns", "exec", namespace, command, ...parameters], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, PYTHONUNBUFFERED: "1" },
    });
    this.#child.stdin.on("error", () => {}); // it ended without having read all
    for (const channel of [this.#child.stdout, this.#child.stderr]) {
      channel.setEncoding("utf8").on("data", (text) => {
        this.output += text;
      });
    }
  }

  /** Until it has printed something like this. */
  async says(/** @type {RegExp} */ awaited) {
    for (let waited = 0; !awaited.test(this.output); waited += 10) {
      const isOver = this.#child.exitCode !== null || waited > PATIENCE_MILLISECONDS;
      if (isOver) throw new Error(`${this.#command} does not say ${awaited}, but: ${this.output.slice(-2000)}`);
      await sleep(10);
    }
  }

  /** What it put on record (programs/journal.py), of this event. @returns {any[]} */
  notes(/** @type {string} */ event) {
    const lines = this.output.split("\n").filter((line) => line.startsWith("{") && line.endsWith("}"));
    return lines.map((line) => JSON.parse(line)).filter((note) => note.event === event);
  }

  /** Until it has so often put this event on record. */
  async noted(/** @type {string} */ event, /** @type {number} */ count) {
    const line = `\\{"event": "${event}"[^\\n]*\\}\\n`;
    await this.says(new RegExp(`(${line}[^]*?){${count}}`));
  }

  /** A line on its standard input. */
  tell(/** @type {string} */ line) {
    this.#child.stdin.write(`${line}\n`);
  }

  signal(/** @type {NodeJS.Signals} */ signal) {
    this.#child.kill(signal);
  }

  /** Send a signal, and wait until the kernel has buried the process and closed its sockets. */
  async end(/** @type {NodeJS.Signals} */ signal) {
    const closed = once(this.#child, "close");
    this.#child.kill(signal);
    await closed;
  }

  /** Until it has done its work and is gone; it must have printed something like this. */
  async done(/** @type {RegExp} */ expected = /(?:)/) {
    if (this.#child.exitCode === null) await once(this.#child, "close");
    if (this.#child.exitCode === 0 && expected.test(this.output)) return;
    throw new Error(`${this.#command} does not end with ${expected}, but with: ${this.output.slice(-2000)}`);
  }

  abandon() {
    this.#child.kill("SIGKILL");
  }
}
