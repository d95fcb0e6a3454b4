/** The sockets of one process in a namespace, as seen from a scenario: thin handles on endpoint.py, which owns the real ones. */

import { printed } from "./kernel.mjs";
import { LineProcess } from "./line-process.mjs";

const PROGRAM = new URL("endpoint.py", import.meta.url).pathname;

/** @typedef {{ ip: string, port: number }} Address */
/** @typedef {Record<string, number>} SocketOptions The names are those of OPTIONS in endpoint.py. */

/** One process. Several on one host can be killed one by one. */
export class Endpoint {
  #process;

  constructor(/** @type {string} */ namespace) {
    this.#process = new LineProcess(namespace, "ip", ["netns", "exec", namespace, "python3", PROGRAM]);
  }

  /** @returns {Promise<any>} */
  call(/** @type {string} */ op, /** @type {Record<string, unknown>} */ parameters) {
    return this.#process.call(op, parameters);
  }

  /** @param {Address & {backlog?: number, options?: SocketOptions}} where */
  async listen(where) {
    return new Listener(this, await this.call("listen", where));
  }

  /** @param {Address & {to: Address, options?: SocketOptions, fastOpen?: string, timeoutSeconds?: number}} how */
  async connect(how) {
    return new Socket(this, await this.call("connect", how));
  }

  kill() {
    return this.#process.kill();
  }

  exit() {
    return this.#process.end();
  }

  abandon() {
    this.#process.abandon();
  }
}

class Handle {
  /** @protected */ endpoint;
  /** @protected */ socket;
  /** @type {Address} */
  local;

  constructor(/** @type {Endpoint} */ endpoint, /** @type {{socket: number, local: Address}} */ opened) {
    this.endpoint = endpoint;
    this.socket = opened.socket;
    this.local = opened.local;
  }

  close() {
    return this.endpoint.call("close", { socket: this.socket });
  }
}

export class Listener extends Handle {
  /** Accepted for somebody else, by peer. @type {Map<string, Socket>} */
  #accepted = new Map();
  /** @type {Map<string, (socket: Socket) => void>} */
  #expected = new Map();

  /** Whoever comes next; or, where several are awaited at once, the one from this address. @returns {Promise<Socket>} */
  async accept(/** @type {Address | undefined} */ from) {
    const accepting = this.endpoint
      .call("accept", { listener: this.socket })
      .then((opened) => new Socket(this.endpoint, opened));
    if (from === undefined) return accepting;
    const wanted = printed(from);
    const socket = await new Promise((resolve, reject) => {
      const early = this.#accepted.get(wanted);
      if (early !== undefined) resolve(early);
      this.#expected.set(wanted, resolve);
      accepting.then((accepted) => this.#handOver(accepted), reject);
    });
    this.#accepted.delete(wanted);
    this.#expected.delete(wanted);
    return socket;
  }

  #handOver(/** @type {Socket} */ accepted) {
    const peer = printed(accepted.peer);
    this.#accepted.set(peer, accepted);
    this.#expected.get(peer)?.(accepted);
  }
}

export class Socket extends Handle {
  /** @type {Address} */
  peer;

  constructor(/** @type {Endpoint} */ endpoint, /** @type {{socket: number, local: Address, peer: Address}} */ opened) {
    super(endpoint, opened);
    this.peer = opened.peer;
  }

  send(/** @type {string} */ text) {
    return this.endpoint.call("send", { socket: this.socket, text });
  }

  /** Send `text` until neither window nor buffer takes more. @returns {Promise<number>} octets */
  fill(/** @type {string} */ text) {
    return this.endpoint.call("fill", { socket: this.socket, text });
  }

  /** @returns {Promise<string>} */
  receive(/** @type {number} */ octets) {
    return this.endpoint.call("receive", { socket: this.socket, octets });
  }

  /** All up to the peer's FIN. @returns {Promise<string>} */
  receiveAll() {
    return this.endpoint.call("receive", { socket: this.socket, octets: null });
  }

  /** FIN, and go on reading. */
  shutdown() {
    return this.endpoint.call("shutdown", { socket: this.socket });
  }

  /** RST: close() with SO_LINGER 0. */
  reset() {
    return this.endpoint.call("reset", { socket: this.socket });
  }

  option(/** @type {SocketOptions} */ options) {
    return this.endpoint.call("option", { socket: this.socket, options });
  }

  /** A child process inherits the descriptor and keeps it for as long as its parent lives. */
  bequeath() {
    return this.endpoint.call("bequeath", { socket: this.socket });
  }

  toString() {
    return `${printed(this.local)} > ${printed(this.peer)}`;
  }
}
