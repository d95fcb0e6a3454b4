/**
 * What a scenario plays in: a client and a server with real sockets, recordings of the wire between them, and the kernel to ask. A world is
 * made for one scenario and gone afterwards, also after an error or a signal; several live side by side.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection } from "./connection.mjs";
import { Dice } from "./dice.mjs";
import { clock, lookAt, socketsOf } from "./kernel.mjs";
import { Network } from "./network.mjs";
import { Tap } from "./tap.mjs";

/**
 * @typedef {import("./endpoint.mjs").Address} Address
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
 * @property {Address} [to] Dial this instead of the service's own address.
 * @property {boolean} [accept] False: leave it in the accept queue.
 * @property {boolean} [isTranslated] The service sees another address of the client.
 * @property {Endpoint} [on] The process that opens it.
 * @property {SocketOptions} [options] Of the client's socket.
 * @property {string} [fastOpen] Text to send on the SYN.
 * @property {number} [timeoutSeconds]
 */

const PATIENCE_SECONDS = 10;
const DELAYED_ACK_SECONDS = 0.2;

/** @type {Set<World>} */
const open = new Set();

process.on("exit", () => {
  for (const world of open) world.abandon();
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
  oneWaySeconds = 0;
  /** Services of programs: whoever is seen to be connected to one of them becomes part of the truth. */
  watched = /** @type {{label: string, service: Address}[]} */ ([]);
  /** What programs did that must be found (incidents/). @type {import("./incidents/stage.mjs").Told[]} */
  incidents = [];
  expectedCounts = /** @type {{label: string, client: string, server: string, count: number}[]} */ ([]);
  #network = new Network();
  #ports = new Set();

  /** @param {WorldPlan} plan */
  static async create(plan) {
    const world = new World(plan);
    try {
      await world.#network.build(plan.path, world.dice);
      return world;
    } catch (problem) {
      await world.close();
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
  async close() {
    await this.#network.remove();
    open.delete(this);
  }

  /** The same without waiting, while this process ends. */
  abandon() {
    this.#network.abandon();
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

  /** From now on the relay takes so long, either way. */
  async delay(/** @type {number} */ seconds) {
    await this.relay.call("delay", { seconds });
    this.oneWaySeconds = seconds;
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

  /** A port that nobody has had yet; a client's, unless told otherwise. */
  port(low = 32768, high = 60999) {
    let port = this.dice.between(low, high);
    while (this.#ports.has(port)) port = this.dice.between(low, high);
    this.#ports.add(port);
    return port;
  }

  /**
   * A service on the server.
   * @param {{ip?: 4 | 6, port?: number, backlog?: number, options?: SocketOptions, on?: Endpoint}} [how]
   */
  async listen({ ip = 4, port = this.port(8000, 8999), backlog = 128, options = {}, on = this.server.endpoint } = {}) {
    return on.listen({ ip: ip === 4 ? this.server.v4 : this.server.v6, port, backlog, options });
  }

  /**
   * Start to connect to an address, and do not wait.
   * @param {Address} peer
   * @param {OpenOptions} how
   */
  dial(peer, { label, port = this.port(), on = this.client.endpoint, ip, options, fastOpen, timeoutSeconds }) {
    const local = { ip: ip ?? (peer.ip.includes(":") ? this.client.v6 : this.client.v4), port };
    const dice = new Dice(this.plan.seed, `${this.plan.scenario}/${this.connections.length}`);
    const opening = on.connect({ ...local, to: peer, options, fastOpen, timeoutSeconds });
    const connection = new Connection(label, { local, peer }, opening, dice);
    this.connections.push(connection);
    return connection;
  }

  /** A connection to the service, accepted unless told otherwise. @param {Listener} service @param {OpenOptions} how */
  async open(service, how) {
    const connection = this.dial(how.to ?? service.local, how);
    await connection.opened();
    if (how.accept ?? true) await connection.accept(service, how.isTranslated);
    return connection;
  }

  /** Several, one after the other. @param {Listener} service @param {OpenOptions} how */
  async openMany(/** @type {number} */ count, service, how) {
    const opened = [];
    for (let number = 0; number < count; number++) opened.push(await this.open(service, how));
    return opened;
  }

  /** @param {string} label Of all connections to the service. @param {Address} service */
  watch(label, service) {
    this.watched.push({ label, service });
  }

  /** So many watched connections with this label must be in these states when the recording stops. */
  expectCount(
    /** @type {string} */ label,
    /** @type {string} */ client,
    /** @type {string} */ server,
    /** @type {number} */ count,
  ) {
    this.expectedCounts.push({ label, client, server, count });
  }

  /** `tcp_fin_timeout` where a scenario shortened it: no packet tells, so a reader of the recording must be told. */
  get finTimeoutSeconds() {
    const settings = [...this.#network.hosts.values()].map((host) => host.settings.get("net.ipv4.tcp_fin_timeout"));
    const seconds = settings.filter((value) => value !== undefined).map(Number);
    return seconds.length > 0 ? Math.min(...seconds) : undefined;
  }

  /** Half a look: quicker, and good for nothing but to know when to look. @returns {Promise<import("./kernel.mjs").Moment>} */
  async #glance(/** @type {string} */ label) {
    const at = clock();
    return { label, from: at, at, to: at, sockets: await socketsOf(this.#network.hosts.values()), changing: [] };
  }

  /** Ask the kernel for all sockets, now; nothing is put on record. */
  look(label = "") {
    return lookAt(label, this.#network.hosts.values());
  }

  /** Ask the kernel for all sockets, now. */
  async moment(/** @type {string} */ label) {
    const moment = await this.look(label);
    this.moments.push(moment);
    return moment;
  }

  /**
   * Ask again and again until the kernel says so; only the last answer is kept.
   * @param {string} label
   * @param {(moment: import("./kernel.mjs").Moment) => boolean} isReached
   */
  async until(label, isReached, pauseSeconds = 0.005) {
    for (const end = clock() + PATIENCE_SECONDS; clock() < end; await this.sleep(pauseSeconds)) {
      if (!isReached(await this.#glance(label))) continue;
      const moment = await this.look(label);
      if (!isReached(moment)) continue;
      this.moments.push(moment);
      return moment;
    }
    throw new Error(`waited ${PATIENCE_SECONDS} s in vain: ${label}`);
  }

  /** The kernel's last word: when nothing has changed for longer than an acknowledgment is delayed. */
  async settled(/** @type {string} */ label) {
    let before = "";
    return this.until(
      label,
      ({ sockets, changing }) => {
        const now = sockets.map(({ host, state, local, peer }) => `${host} ${state} ${local} ${peer}`).sort();
        const isSame = changing.length === 0 && before === now.join();
        before = now.join();
        return isSame;
      },
      DELAYED_ACK_SECONDS,
    );
  }

  sleep(/** @type {number} */ seconds) {
    return sleep(seconds * 1000);
  }
}
