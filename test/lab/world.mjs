/**
 * What a scenario plays in: a client and a server with real sockets, recordings of the wire between them, and the kernel to ask. A world is
 * made for one scenario and gone afterwards, also after an error or a signal; several live side by side.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./connection.mjs";
import { Dice } from "./dice.mjs";
import { clock, lookAt } from "./kernel.mjs";
import { Network } from "./network.mjs";
import { Tap } from "./tap.mjs";

/**
 * @typedef {import("./endpoint.mjs").Endpoint} Endpoint
 * @typedef {import("./endpoint.mjs").Listener} Listener
 * @typedef {import("./endpoint.mjs").SocketOptions} SocketOptions
 *
 * @typedef {object} WorldPlan
 * @property {string} scenario
 * @property {number} seed
 * @property {import("./network.mjs").Path} path
 * @property {readonly import("./tap.mjs").TapPlan[]} taps
 * @property {string} directory Takes the recordings.
 *
 * @typedef {object} OpenOptions
 * @property {string} label What this connection stands for.
 * @property {number} [port] Of the client.
 * @property {string} [ip] Of the client.
 * @property {boolean} [accept] False: leave it in the accept queue.
 * @property {Endpoint} [on] The process that opens it.
 * @property {SocketOptions} [options] Of the client's socket.
 * @property {string} [fastOpen] Text to send on the SYN.
 * @property {number} [timeoutSeconds]
 */

const PATIENCE_SECONDS = 10;

/** @type {Set<World>} */
const open = new Set();

process.on("exit", () => {
  for (const world of open) world.close();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(130));

export class World {
  plan;
  dice;
  /** @type {Connection[]} */
  connections = [];
  /** @type {import("./kernel.mjs").Moment[]} */
  moments = [];
  /** @type {Tap[]} */
  taps = [];
  #network = new Network();
  #ports = new Set();

  /** @param {WorldPlan} plan */
  static async create(plan) {
    const world = new World(plan);
    try {
      await world.#network.build(plan.path, world.dice);
      return world;
    } catch (problem) {
      world.close();
      throw problem;
    }
  }

  /** @private */
  constructor(/** @type {WorldPlan} */ plan) {
    this.plan = plan;
    this.dice = new Dice(plan.seed, plan.scenario);
    open.add(this);
  }

  /** Everything goes: processes, sockets, namespaces. */
  close() {
    open.delete(this);
    this.#network.remove();
  }

  get client() {
    return this.host("client");
  }

  get server() {
    return this.host("server");
  }

  host(/** @type {string} */ name) {
    return this.#network.host(name);
  }

  get relay() {
    if (this.#network.relay === undefined) throw new Error("no relay on this path");
    return this.#network.relay;
  }

  /** What the relay did to single segments. */
  get interventions() {
    return (this.#network.relay?.reports ?? []).flatMap(({ acted }) => acted ?? []);
  }

  /** Start all recordings; from here on they miss nothing. */
  async record() {
    for (const plan of this.plan.taps) {
      const tap = new Tap(plan, this.host(plan.host ?? "server").namespace, join(this.plan.directory, plan.file));
      this.#network.processes.add(tap);
      this.taps.push(tap);
    }
    await Promise.all(this.taps.map((tap) => tap.listening()));
  }

  /** A client port that nobody has had yet. */
  port() {
    let port = this.dice.between(32768, 60999);
    while (this.#ports.has(port)) port = this.dice.between(32768, 60999);
    this.#ports.add(port);
    return port;
  }

  /**
   * A service on the server.
   * @param {{ip?: 4 | 6, port?: number, backlog?: number, options?: SocketOptions, on?: Endpoint}} [how]
   */
  async listen({
    ip = 4,
    port = this.dice.between(8000, 8999),
    backlog = 128,
    options = {},
    on = this.server.endpoint,
  } = {}) {
    return on.listen({ ip: ip === 4 ? this.server.v4 : this.server.v6, port, backlog, options });
  }

  /** A connection to the service, accepted unless told otherwise. @param {Listener} service @param {OpenOptions} how */
  async open(service, { label, port = this.port(), accept = true, on = this.client.endpoint, ip, ...how }) {
    const from = ip ?? (service.local.ip.includes(":") ? this.client.v6 : this.client.v4);
    const client = await on.connect({ ip: from, port, to: service.local, ...how });
    const server = accept ? await service.accept() : undefined;
    const dice = new Dice(this.plan.seed, `${this.plan.scenario}/${this.connections.length}`);
    const connection = new Connection(label, client, server, dice);
    this.connections.push(connection);
    return connection;
  }

  /** Several, one after the other. @param {Listener} service @param {OpenOptions} how */
  async openMany(/** @type {number} */ count, service, how) {
    const opened = [];
    for (let number = 0; number < count; number++) opened.push(await this.open(service, how));
    return opened;
  }

  /** Ask the kernel for all sockets, now. */
  async moment(/** @type {string} */ label) {
    const moment = await lookAt(label, this.#network.hosts.values());
    this.moments.push(moment);
    return moment;
  }

  /**
   * Ask again and again until the kernel says so; only the last answer is kept.
   * @param {string} label
   * @param {(moment: import("./kernel.mjs").Moment) => boolean} isReached
   */
  async until(label, isReached) {
    for (const end = clock() + PATIENCE_SECONDS; clock() < end; await this.sleep(0.005)) {
      const moment = await lookAt(label, this.#network.hosts.values());
      if (!isReached(moment)) continue;
      this.moments.push(moment);
      return moment;
    }
    throw new Error(`waited ${PATIENCE_SECONDS} s in vain: ${label}`);
  }

  sleep(/** @type {number} */ seconds) {
    return sleep(seconds * 1000);
  }
}
