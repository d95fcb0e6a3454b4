/** What tshark, which knows nothing of sockets, sees of each connection in a recording: an independent check of scenario and kernel. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { printed } from "./kernel.mjs";

const run = promisify(execFile);

/**
 * @typedef {"client" | "server"} Side
 *
 * @typedef {object} WireFacts One incarnation: what follows a SYN of its own.
 * @property {Record<Side, {frame: number, ack: number, end: number, acknowledged: boolean} | null>} fins The first FIN of each end.
 * @property {Side | null} resetBy Who sent the last RST.
 */

const FIELDS = [
  "frame.number",
  "ip.src",
  "ipv6.src",
  "tcp.srcport",
  "ip.dst",
  "ipv6.dst",
  "tcp.dstport",
  "tcp.flags",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.len",
];
const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

export async function hasTshark() {
  return run("tshark", ["--version"]).then(
    () => true,
    () => false,
  );
}

/** Incarnations by 4-tuple, in order. The client is who sent the SYN; without one, both orders of a tuple are entered. */
export class Wire {
  /** @type {Map<string, {isn: number | undefined, facts: WireFacts}[]>} */
  #incarnations = new Map();

  static async read(/** @type {string} */ path) {
    const fields = FIELDS.flatMap((field) => ["-e", field]);
    const { stdout } = await run(
      "tshark",
      ["-n", "-r", path, "-Y", "tcp", "-T", "fields", "-E", "occurrence=l", ...fields],
      {
        maxBuffer: 2 ** 30,
      },
    );
    const wire = new Wire();
    for (const line of stdout.split("\n")) if (line !== "") wire.#add(line.split("\t"));
    return wire;
  }

  /** @returns {WireFacts[]} */
  incarnationsOf(/** @type {string} */ client, /** @type {string} */ server) {
    return (this.#incarnations.get(`${client} > ${server}`) ?? []).map(({ facts }) => facts);
  }

  #add(/** @type {string[]} */ [frame, ip, ipv6, port, toIp, toIpv6, toPort, flagBits, seq, ack, length]) {
    const from = printed({ ip: ip || ipv6, port: Number(port) });
    const to = printed({ ip: toIp || toIpv6, port: Number(toPort) });
    const segment = {
      frame: Number(frame),
      flags: Number(flagBits),
      seq: Number(seq),
      ack: Number(ack),
      length: Number(length),
    };
    this.#enter(`${from} > ${to}`, "client", segment);
    this.#enter(`${to} > ${from}`, "server", segment);
  }

  /**
   * @param {string} tuple Client first.
   * @param {Side} sender
   * @param {{frame: number, flags: number, seq: number, ack: number, length: number}} segment
   */
  #enter(tuple, sender, { frame, flags, seq, ack, length }) {
    const incarnations = this.#incarnations.get(tuple) ?? [];
    this.#incarnations.set(tuple, incarnations);
    const isn = sender === "client" && (flags & (SYN | ACK | RST)) === SYN ? seq : undefined;
    if (incarnations.length === 0 || (isn !== undefined && isn !== incarnations.at(-1)?.isn)) {
      incarnations.push({ isn, facts: { fins: { client: null, server: null }, resetBy: null } });
    }
    const facts = /** @type {WireFacts} */ (incarnations.at(-1)?.facts);
    if (flags & RST) {
      facts.resetBy = sender;
      return;
    }
    const peersFin = facts.fins[sender === "client" ? "server" : "client"];
    if (peersFin !== null && flags & ACK && ack === peersFin.end) peersFin.acknowledged = true;
    if (flags & FIN) facts.fins[sender] ??= { frame, ack, end: (seq + length + 1) % 2 ** 32, acknowledged: false };
  }
}

/** Who closed first; `both` if neither FIN acknowledges the other. @returns {Side | "both" | null} */
export function closerOf(/** @type {WireFacts} */ { fins: { client, server } }) {
  if (client === null || server === null) return client ? "client" : server ? "server" : null;
  if (client.ack !== server.end && server.ack !== client.end) return "both";
  return client.frame < server.frame ? "client" : "server";
}
