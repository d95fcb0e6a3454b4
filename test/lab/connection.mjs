/** One connection of a scenario: both ends, and what the scenario means to leave behind. */
import { printed, stateOf } from "./kernel.mjs";

/**
 * @typedef {import("./endpoint.mjs").Address} Address
 * @typedef {import("./endpoint.mjs").Socket} Socket
 * @typedef {import("./kernel.mjs").Moment} Moment
 * @typedef {"client" | "server"} Side
 *
 * @typedef {object} Intention What must be true when the recording stops. The kernel and the wire are asked; see truth.mjs.
 * @property {string} [client] State of the client's end, as `ss` prints it; `CLOSED` if there must be no such socket.
 * @property {string} [server]
 * @property {Side | "both" | null} [closer] Who sent the first FIN; `both`: neither FIN acknowledges the other.
 * @property {Side | null} [resetBy] Who sent the last RST.
 */

export class Connection {
  label;
  /** Of the client's end, and what it dialled. @type {{local: Address, peer: Address}} */
  dialled;
  /** @type {Intention} */
  intention = {};
  #opening;
  /** @type {Socket | undefined} */
  #client;
  /** @type {Socket | undefined} */
  #server;
  #dice;

  /**
   * @param {string} label
   * @param {{local: Address, peer: Address}} dialled
   * @param {Promise<Socket>} opening The client's connect(), under way.
   * @param {import("./dice.mjs").Dice} dice
   */
  constructor(label, dialled, opening, dice) {
    this.label = label;
    this.dialled = dialled;
    this.#dice = dice;
    this.#opening = opening.then((socket) => {
      this.#client = socket;
    });
    this.#opening.catch(() => {}); // told to whoever awaits it
  }

  /** Until connect() has returned; rejects if it failed. */
  opened() {
    return this.#opening;
  }

  /** accept() by the service. */
  async accept(/** @type {import("./endpoint.mjs").Listener} */ service, isTranslated = false) {
    this.#server = await service.accept(isTranslated ? undefined : this.dialled.local);
  }

  get client() {
    if (this.#client === undefined) throw new Error(`${this.label}: not connected`);
    return this.#client;
  }

  /** The accepted socket. */
  get server() {
    if (this.#server === undefined) throw new Error(`${this.label}: not accepted`);
    return this.#server;
  }

  /** @param {Intention} intention Added to what was intended before. */
  expect(intention) {
    Object.assign(this.intention, intention);
  }

  question() {
    return `order ${this.#dice.between(1000, 9999)}?\n`;
  }

  answer() {
    return `${this.#dice.between(1, 99)} apples\n`.repeat(this.#dice.between(1, 12));
  }

  /** One request and its answer, both read. */
  async exchange() {
    await this.ask();
    const answer = this.answer();
    await this.server.send(answer);
    await this.client.receive(answer.length);
  }

  /** A request that the server reads and does not answer. */
  async ask() {
    const question = this.question();
    await this.client.send(question);
    await this.server.receive(question.length);
  }

  /** In order: the client closes, the server reads the end and closes too. */
  async closeByClient() {
    await this.client.close();
    await this.server.receiveAll();
    await this.server.close();
  }

  /** In order: the server closes, the client reads the end and closes too. */
  async closeByServer() {
    await this.server.close();
    await this.client.receiveAll();
    await this.client.close();
  }

  /** The addresses of both sockets, which differ where an address is translated on the path. */
  sockets() {
    const { local, peer } = this.dialled;
    const server = this.#server ?? { local: peer, peer: local };
    return {
      client: { local: printed(local), peer: printed(peer) },
      server: { local: printed(server.local), peer: printed(server.peer) },
    };
  }

  /** What the kernel says of both ends. @returns {{client: string, server: string}} */
  statesAt(/** @type {Moment} */ moment) {
    const { client, server } = this.sockets();
    return { client: stateOf(moment, client), server: stateOf(moment, server) };
  }

  isAt(/** @type {Moment} */ moment, /** @type {string} */ clientState, /** @type {string} */ serverState) {
    const { client, server } = this.statesAt(moment);
    return client === clientState && server === serverState;
  }
}
