/** A child process that is spoken to in JSON lines: {"id", "op", …} in, {"id", "result"} or {"id", "error"} out. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export class LineProcess {
  /** Lines that answer nothing, in order of arrival. @type {Record<string, any>[]} */
  reports = [];
  #child;
  #name;
  #lastId = 0;
  /** @type {Map<number, {resolve: (result: any) => void, reject: (problem: Error) => void}>} */
  #waiting = new Map();
  #gone;

  /**
   * @param {string} name For messages.
   * @param {string} command
   * @param {string[]} commandArguments
   */
  constructor(name, command, commandArguments) {
    this.#name = name;
    this.#child = spawn(command, commandArguments, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdin.on("error", () => {}); // the exit below says it better
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#receive(JSON.parse(line)));
    this.#gone = once(this.#child, "close").then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`${name} is gone`));
      this.#waiting.clear();
    });
  }

  /** @returns {Promise<any>} The result; rejects with what the process says went wrong. */
  call(/** @type {string} */ op, /** @type {Record<string, unknown>} */ parameters = {}) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        resolve,
        reject: (problem) => reject(new Error(`${this.#name}, ${op}: ${problem.message}`)),
      });
      this.#child.stdin.write(`${JSON.stringify({ id, op, ...parameters })}\n`);
    });
  }

  #receive(/** @type {Record<string, any>} */ line) {
    const asked = this.#waiting.get(line.id);
    this.#waiting.delete(line.id);
    if (asked === undefined) this.reports.push(line);
    else if (line.error === undefined) asked.resolve(line.result);
    else asked.reject(new Error(line.error));
  }

  /** SIGKILL, and wait until the kernel has buried it. Its sockets are closed by the kernel alone. */
  async kill() {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }

  /** End of input: the process ends by itself. */
  async end() {
    this.#child.stdin.end();
    await this.#gone;
  }

  /** SIGKILL, without waiting. */
  abandon() {
    this.#child.kill("SIGKILL");
  }
}
