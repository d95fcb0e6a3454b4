/** A host of the laboratory: a network namespace and the processes in it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Endpoint } from "./endpoint.mjs";
import { Program } from "./program.mjs";

const run = promisify(execFile);
const PROGRAMS = new URL("programs/", import.meta.url).pathname;

export class Host {
  name;
  namespace;
  v4 = "";
  v6 = "";
  /** The process that owns this host's sockets, unless a scenario starts more. */
  endpoint;
  /** Kernel settings that a scenario changed. @type {Map<string, number | string>} */
  settings = new Map();
  #processes;

  /**
   * @param {string} name
   * @param {string} namespace
   * @param {Set<{abandon(): void}>} processes Where every process is entered that must not survive the world.
   */
  constructor(name, namespace, processes) {
    this.name = name;
    this.namespace = namespace;
    this.#processes = processes;
    this.endpoint = this.startEndpoint();
  }

  startEndpoint() {
    const endpoint = new Endpoint(this.namespace);
    this.#processes.add(endpoint);
    return endpoint;
  }

  start(/** @type {string} */ command, /** @type {(string | number)[]} */ ...parameters) {
    const program = new Program(this.namespace, command, parameters.map(String));
    this.#processes.add(program);
    return program;
  }

  /** One of programs/. */
  startScript(/** @type {string} */ script, /** @type {(string | number)[]} */ ...parameters) {
    return this.start("python3", PROGRAMS + script, ...parameters);
  }

  /** Run a command inside the namespace to its end. @returns {Promise<string>} what it printed */
  async run(/** @type {string} */ command, /** @type {string[]} */ ...parameters) {
    return (await run("ip", ["netns", "exec", this.namespace, command, ...parameters])).stdout;
  }

  sysctl(/** @type {string} */ name, /** @type {number | string} */ value) {
    this.settings.set(name, value);
    return this.run("sysctl", "-qw", `${name}=${value}`);
  }

  async addAddress(/** @type {string} */ ip, device = "eth0") {
    // A further address is not chosen as the source of connections that do not ask for it.
    const isFurther = ![this.v4, this.v6].includes(ip);
    const [prefixLength, ...flags] = ip.includes(":")
      ? ["64", "nodad", ...(isFurther ? ["preferred_lft", "0"] : [])]
      : ["24"];
    await this.run("ip", "address", "add", `${ip}/${prefixLength}`, "dev", device, ...flags);
  }
}
