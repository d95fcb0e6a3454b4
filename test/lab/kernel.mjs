/** The judge: what `ss -tanoi` says of every socket in every namespace, and when. */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** @typedef {{ ip: string, port: number }} Address */

/**
 * @typedef {object} SocketRow A row of `ss`, with its state names (`ESTAB`, `SYN-RECV`, the rest as in RFC 9293).
 * @property {string} host
 * @property {string} state
 * @property {string} local As tcpdump's readers write it: `10.0.0.1:80`, `[2001:db8::1]:80`.
 * @property {string} peer
 * @property {number} receiveQueue Unread octets, and one for a FIN that was not read; of a listener: connections that wait for accept().
 * @property {number} sendQueue
 * @property {string} timer `keepalive`, `timewait`, …, or empty.
 */

/**
 * @typedef {object} Moment All sockets at one instant. `ss` takes milliseconds and reads one namespace after the other, so it is asked twice:
 * what both answers name was true at `at`, which lies between them; what only one names was changing.
 * @property {string} label
 * @property {number} from Epoch seconds, as all times here.
 * @property {number} at
 * @property {number} to
 * @property {SocketRow[]} sockets
 * @property {SocketRow[]} changing
 */

export const printed = (/** @type {Address} */ { ip, port }) =>
  ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;

export const clock = () => Date.now() / 1000;

/** @returns {SocketRow[]} */
export function parseSockets(/** @type {string} */ text, /** @type {string} */ host) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [state, receiveQueue, sendQueue, local, peer] = line.trim().split(/\s+/);
      const timer = /timer:\((\w+)/.exec(line)?.[1] ?? "";
      const unmapped = (/** @type {string} */ address) => address.replace(/^\[::ffff:([\d.]+)\]/, "$1");
      return {
        host,
        state,
        local: unmapped(local),
        peer: unmapped(peer),
        receiveQueue: Number(receiveQueue),
        sendQueue: Number(sendQueue),
        timer,
      };
    });
}

/** @param {Iterable<{name: string, namespace: string}>} hosts */
export async function socketsOf(hosts) {
  const rows = [];
  for (const { name, namespace } of hosts) {
    const { stdout } = await run("ss", ["-N", namespace, "-tanoiOH"], { maxBuffer: 2 ** 28 });
    rows.push(...parseSockets(stdout, name));
  }
  return rows;
}

const key = (/** @type {SocketRow} */ row) => `${row.host} ${row.state} ${row.local} ${row.peer}`;

/**
 * @param {string} label
 * @param {Iterable<{name: string, namespace: string}>} askedHosts
 * @returns {Promise<Moment>}
 */
export async function lookAt(label, askedHosts) {
  const hosts = [...askedHosts];
  const from = clock();
  const first = await socketsOf(hosts);
  await sleep(2); // the clock has milliseconds: `at` must lie between the two answers
  const at = clock();
  await sleep(2);
  const second = await socketsOf(hosts);
  const to = clock();
  const before = new Set(first.map(key));
  const after = new Set(second.map(key));
  return {
    label,
    from,
    at,
    to,
    sockets: first.filter((row) => after.has(key(row))),
    changing: [...first.filter((row) => !after.has(key(row))), ...second.filter((row) => !before.has(key(row)))],
  };
}

/** The state of one socket at a moment; `CLOSED` if the kernel knows no such socket, `changing` if it was. No address is on two hosts. */
export function stateOf(/** @type {Moment} */ moment, /** @type {{local: string, peer: string}} */ { local, peer }) {
  let states = statesAt.get(moment);
  if (states === undefined) {
    states = new Map(moment.sockets.map((row) => [`${row.local} ${row.peer}`, row.state]));
    for (const row of moment.changing) states.set(`${row.local} ${row.peer}`, "changing");
    statesAt.set(moment, states);
  }
  return states.get(`${local} ${peer}`) ?? "CLOSED";
}

/** @type {WeakMap<Moment, Map<string, string>>} */
const statesAt = new WeakMap();
