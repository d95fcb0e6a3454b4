/**
 * The kernel is the judge: at each moment the sockets that `closewait states` tells from a recording must be those that `ss` named. What the
 * wire cannot show is set aside by named rules and counted, never by tolerance; whatever is left is a difference.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { listSockets } from "../../dist/questions.js";

const run = promisify(execFile);

/** On the paths of the lab that a relay makes slow, what goes to another host than the one that recorded may be under way for so long. */
const UNDER_WAY_SECONDS = 1.5;

/** A change that the recording shows a moment before or after the kernel was asked: delayed ACKs, and slow paths of the lab. */
const IN_FLIGHT_SECONDS = 0.06;

/**
 * @typedef {import("./truth.mjs").Truth} Truth
 * @typedef {{host: string, state: string, local: string, peer: string}} KernelSocket
 * @typedef {{at: number, from: string, to: string, syn: boolean, ack: boolean, fin: boolean, rst: boolean, length: number}} Segment
 *
 * @typedef {object} Comparison
 * @property {number} compared
 * @property {number} equal
 * @property {Record<string, number>} setAside By rule.
 * @property {string[]} different One line each.
 */

/** What a recording at one place can and cannot know of a socket, decided from the recording as tshark reads it. */
const RULES = /** @type {const} */ ({
  "changed while ss looked": ({ changing }) => changing,
  "change in flight": ({ kernel, soon, before }) => kernel !== "CLOSED" && (soon === kernel || before === kernel),
  "end in flight": ({ kernel, soon, before }) => kernel === "CLOSED" && (soon === "CLOSED" || before === "CLOSED"),
  "not in the recording yet": ({ seen }) => seen.length === 0,
  "FIN waits behind a zero window or lost data": ({ kernel, sent }) =>
    ["FIN-WAIT-1", "CLOSING", "LAST-ACK"].includes(kernel) && !sent.some(({ fin }) => fin),
  "FIN lost before the tap": ({ kernel, sent, received }) =>
    (["CLOSE-WAIT", "TIME-WAIT", "CLOSING"].includes(kernel) && !received.some(({ fin }) => fin)) ||
    (["FIN-WAIT-1", "FIN-WAIT-2", "LAST-ACK", "CLOSED"].includes(kernel) && !sent.some(({ fin, rst }) => fin || rst)),
  "SYN-SENT given up in silence": ({ kernel, told }) => kernel === "CLOSED" && told === "SYN-SENT",
  "SYN-RECV whose SYN-ACK was not captured": ({ kernel, sent }) =>
    kernel === "SYN-RECV" && !sent.some(({ syn }) => syn),
  "under way to another host": ({ elsewhere, slowPath, underWay }) => elsewhere && slowPath && underWay,
  "TCP_DEFER_ACCEPT, or a full queue, before the SYN-ACK is repeated": ({ kernel, told, received, sent }) =>
    kernel === "SYN-RECV" &&
    told === "ESTAB" &&
    sent.length === 1 &&
    !received.some(({ length, fin }) => length > 0 || fin),
  "lost behind the tap": ({ intervened, elsewhere }) => intervened && elsewhere,
  "RST lost before the tap": ({ kernel, sent, received }) =>
    kernel === "CLOSED" && ![...sent, ...received].some(({ rst }) => rst),
});

/**
 * @param {Truth} truth
 * @param {string} directory Holds the recordings.
 * @param {boolean} slowPath
 * @returns {Promise<Comparison>}
 */
export async function compare(truth, directory, slowPath) {
  /** @type {Comparison} */
  const result = { compared: 0, equal: 0, setAside: {}, different: [] };
  for (const capture of judging(truth)) {
    const path = join(directory, capture.file);
    const segments = await segmentsOf(path);
    for (const moment of truth.moments) {
      if (moment.at < capture.startedAt || moment.at > capture.stoppedAt) continue;
      await compareMoment(truth, capture, path, segments, moment, slowPath, result);
    }
  }
  return result;
}

/** Whole recordings, one for each host that has one; what no capture at its own host shows is judged by the first. */
function judging({ captures }) {
  const whole = captures.filter(({ command }) => !/ -s |\bport\b|tcpflags/.test(command));
  return whole.filter(({ host }, index) => whole.findIndex((other) => other.host === host) === index);
}

async function compareMoment(truth, capture, path, segments, moment, slowPath, result) {
  const hosts = new Set(judging(truth).map(({ host }) => host));
  const isFirst = judging(truth)[0] === capture;
  const isMine = (/** @type {KernelSocket} */ { host }) => host === capture.host || (isFirst && !hosts.has(host));
  const told = await toldAt(path, moment.at, truth);
  const before = await toldAt(path, moment.at - IN_FLIGHT_SECONDS, truth);
  const soon = await toldAt(path, moment.at + IN_FLIGHT_SECONDS, truth);
  const kernel = new Map(moment.sockets.filter(isMine).map((socket) => [nameOf(socket), socket]));
  const changing = new Set((moment.changing ?? []).map(nameOf));
  const addresses = addressesOf(truth, isMine);

  const mine = [...told.keys()].filter((name) => addresses.has(name.split(" > ")[0]?.replace(/:\d+$/, "") ?? ""));
  for (const name of new Set([...kernel.keys(), ...mine])) {
    const expected = kernel.get(name)?.state ?? "CLOSED";
    const found = told.get(name) ?? "CLOSED";
    result.compared++;
    if (found === expected) {
      result.equal++;
      continue;
    }
    const [local, peer] = name.split(" > ");
    const seen = segments.filter(
      ({ at, from, to }) => at <= moment.at && [from, to].includes(local) && [from, to].includes(peer),
    );
    const facts = {
      kernel: expected,
      told: found,
      before: before.get(name) ?? "CLOSED",
      slowPath,
      underWay: seen.some(({ at, to }) => to === local && at > moment.at - UNDER_WAY_SECONDS),
      soon: soon.get(name) ?? "CLOSED",
      changing: changing.has(name),
      seen,
      sent: seen.filter(({ from }) => from === local),
      received: seen.filter(({ from }) => from === peer),
      intervened: (truth.interventions ?? []).some(
        ({ at, sourcePort, destinationPort }) =>
          at <= moment.at &&
          [local, peer].every((end) => end?.endsWith(`:${sourcePort}`) || end?.endsWith(`:${destinationPort}`)),
      ),
      elsewhere: (kernel.get(name)?.host ?? "") !== capture.host,
    };
    const rule = Object.entries(RULES).find(([, applies]) => applies(facts))?.[0];
    if (rule !== undefined) result.setAside[rule] = (result.setAside[rule] ?? 0) + 1;
    else result.different.push(`${capture.file}, ${moment.label}: ${name}: ss says ${expected}, told ${found}`);
  }
}

const nameOf = (/** @type {KernelSocket} */ { local, peer }) => `${local} > ${peer}`;

/** Local addresses of the hosts that this recording judges. */
function addressesOf({ moments }, isMine) {
  const sockets = moments.flatMap(({ sockets }) => sockets).filter(isMine);
  return new Set(sockets.map(({ local }) => local.replace(/:\d+$/, "")));
}

/** State by `local > peer`, in the words of `ss`. */
async function toldAt(path, at, { finTimeoutSeconds = 60 }) {
  const moment = { kind: "absolute", nanos: BigInt(Math.round(at * 1e6)) * 1000n };
  const [table] = await listSockets([path], { at: moment }, { finTimeoutSeconds });
  const words = { ESTABLISHED: "ESTAB", "SYN-RECEIVED": "SYN-RECV" };
  return new Map(
    (table?.sockets ?? []).map(({ local, peer, state }) => [
      `${textOf(local)} > ${textOf(peer)}`,
      words[state] ?? state,
    ]),
  );
}

const textOf = ({ ip, port }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`);

const FIELDS = [
  "frame.time_epoch",
  "ip.src",
  "ipv6.src",
  "tcp.srcport",
  "ip.dst",
  "ipv6.dst",
  "tcp.dstport",
  "tcp.flags",
  "tcp.len",
];

/** @returns {Promise<Segment[]>} */
async function segmentsOf(path) {
  const fields = FIELDS.flatMap((field) => ["-e", field]);
  const options = ["-n", "-r", path, "-Y", "tcp", "-T", "fields", "-E", "occurrence=l", ...fields];
  const { stdout } = await run("tshark", options, { maxBuffer: 2 ** 30 });
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [at, ip, ipv6, port, toIp, toIpv6, toPort, flagBits, length] = line.split("\t");
      const flags = Number(flagBits);
      return {
        at: Number(at),
        from: textOf({ ip: ip || ipv6, port }),
        to: textOf({ ip: toIp || toIpv6, port: toPort }),
        fin: (flags & 0x01) !== 0,
        syn: (flags & 0x02) !== 0,
        rst: (flags & 0x04) !== 0,
        ack: (flags & 0x10) !== 0,
        length: Number(length),
      };
    });
}
