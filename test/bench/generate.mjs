import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CaptureWriter } from "./capture-writer.mjs";
import { Conversations, DONE } from "./conversations.mjs";
import { EventWheel } from "./event-wheel.mjs";
import { addressText, writeFrame } from "./frame.mjs";
import { Random } from "./random.mjs";

/**
 * Makes the captures of the benchmark: deterministic, consistent conversations, together with the truth about them. The big idea: the
 * generator runs both ends, so it knows who is half-closed without ever looking at the capture.
 */

/** Part of the file names: raise it whenever the same case gives other bytes or another truth. */
export const GENERATOR_VERSION = 1;

const SERVER_COUNT = 16;
const SERVER_PORTS = [443, 8080, 5432, 6379];
/** So that no client runs out of ephemeral ports and reuses a 4-tuple by accident. */
const CONNECTIONS_PER_CLIENT = 4_000;
const CLIENTS_MIN = 64;
const PORT_FIRST = 32_768;
const PORT_COUNT = 28_232;

const BUCKET_MICROS = 16;
/** Handshake and close of a connection, in packets. */
const OVERHEAD_PACKETS = 6.5;
const BURST_PACKETS = 3.2;
/** New connections arrive for this share of the time; what is open then goes on for a while. */
const ARRIVALS_SHARE = 0.9;
const REUSE_AFTER_MICROS = 1_500_000;

/**
 * @typedef {import("./cases.mjs").Case} Case
 * @typedef {object} Truth
 * @property {number} packets
 * @property {number} flows
 * @property {number} tuples
 * @property {number} midStream
 * @property {number} openMax flows open at the same time, at most; those half-closed for ever not counted
 * @property {number} openAtEnd flows that would still send something
 * @property {number} halfClosed
 * @property {{stuck: number, draining: number, recent: number}} byStatus with a minimal age of 1 s
 * @property {{client: number, server: number}} byHolder
 * @property {Record<string, number>} holders servers' endpoints with the number of sockets they hold in CLOSE-WAIT
 * @property {number} resets
 * @property {number} retransmissions
 * @property {number} payloadSegments
 * @property {{client: number, server: number}} finSegments
 * @property {number} seconds
 * @property {number} octets length of the file, uncompressed
 */

/**
 * Writes a capture.
 * @param {string} path
 * @param {Case} parameters
 * @returns {Promise<Truth>}
 */
export async function generate(path, parameters) {
  const out = new CaptureWriter(path, parameters);
  const traffic = new Traffic(parameters, (segment, micros) => {
    const length = writeFrame(out, out.open(), segment, SERVER_COUNT);
    out.close(micros, length);
  });
  while (traffic.step()) if (out.full) await out.flush();
  await out.finish();
  return { ...traffic.truth(), octets: out.octets };
}

/** Which conversation begins when, on which 4-tuple, and how long it becomes. */
class Traffic {
  #packets = 0;
  #now = 0;
  /** Packets that open flows are expected to write still. */
  #outstanding = 0;
  #started = 0;
  #openMax = 0;
  #reused = 0;
  /** Closed 4-tuples for reuse, oldest first. @type {{tuple: ReturnType<Conversations["tupleOf"]>, at: number}[]} */
  #closed = [];
  #closedHead = 0;
  #midStream;
  #arrivalMicros;
  #portCursors;
  #clientCount;

  /** @param {Case} parameters @param {ConstructorParameters<typeof Conversations>[3]} write */
  constructor(parameters, write) {
    this.parameters = parameters;
    const { connections, packets, seconds, openSeconds, excessShare } = parameters;
    this.random = new Random(parameters.seed);
    this.wheel = new EventWheel(BUCKET_MICROS);
    this.#clientCount = Math.max(CLIENTS_MIN, Math.ceil(connections / CONNECTIONS_PER_CLIENT));
    this.#portCursors = Uint32Array.from({ length: this.#clientCount }, () => this.random.below(PORT_COUNT));
    this.#midStream = Math.round(connections * parameters.midStreamShare);
    this.#arrivalMicros = (seconds * ARRIVALS_SHARE * 1e6) / Math.max(1, connections - this.#midStream);
    const bursts = (packets * (1 + excessShare)) / connections / BURST_PACKETS;
    const traits = { ...parameters, thinkMicros: (openSeconds * 1e6) / bursts };
    this.conversations = new Conversations(traits, this.random, SERVER_COUNT + this.#clientCount, write);
  }

  /** Writes one packet. @returns {boolean} whether it did: false at the end */
  step() {
    const { parameters, wheel, conversations } = this;
    if (this.#packets === parameters.packets) return false;
    let slot = wheel.take();
    while (slot < 0 || (this.#mayArrive() && this.#nextArrival() <= wheel.dueAt(slot))) {
      // The new flow may come first: put the other one back.
      if (slot >= 0) wheel.schedule(slot, wheel.dueAt(slot));
      this.#startFlow();
      slot = wheel.take();
    }
    const due = wheel.dueAt(slot);
    this.#now = Math.max(this.#now, Math.floor(due));
    const planned = conversations.planOf(slot);
    const delay = conversations.step(slot, this.#now);
    this.#packets++;
    if (delay === DONE) {
      this.#outstanding -= planned;
      if (parameters.reuseShare > 0 && conversations.isOver(slot)) {
        this.#closed.push({ tuple: conversations.tupleOf(slot), at: this.#now });
      }
      conversations.release(slot);
    } else {
      this.#outstanding += conversations.planOf(slot) - planned;
      wheel.schedule(slot, Math.max(due, this.#now) + delay);
    }
    return true;
  }

  /** Connections of a given length come until the packets are written. */
  #mayArrive() {
    return this.#started < this.parameters.connections || this.parameters.dataPackets !== null;
  }

  /** Those that began before the capture are there at once; the others come evenly. */
  #nextArrival() {
    return Math.max(0, this.#started - this.#midStream) * this.#arrivalMicros;
  }

  #startFlow() {
    const at = this.#nextArrival();
    const midStream = this.#started < this.#midStream;
    const slot = this.conversations.start(this.#drawTuple(at), this.#drawDataPackets(midStream), midStream);
    this.#started++;
    this.#outstanding += this.conversations.planOf(slot);
    this.#openMax = Math.max(this.#openMax, this.wheel.count + 1);
    // Those already there show up within the first second.
    this.wheel.schedule(slot, Math.max(this.#now, at) + (midStream ? this.random.below(1_000_000) : 0));
  }

  /** Steers the mean so that all connections together come out at the wanted number of packets. @param {boolean} midStream */
  #drawDataPackets(midStream) {
    const { parameters, random } = this;
    if (parameters.dataPackets !== null) return parameters.dataPackets;
    const wanted = parameters.packets * (1 + parameters.excessShare) - this.#packets - this.#outstanding;
    const mean = wanted / Math.max(1, parameters.connections - this.#started) - OVERHEAD_PACKETS;
    const least = midStream ? 3 : 1;
    return least + Math.round(random.exponential(Math.max(0, mean - least)));
  }

  /** @param {number} at */
  #drawTuple(at) {
    const { parameters, random } = this;
    const oldest = this.#closed[this.#closedHead];
    if (random.chance(parameters.reuseShare) && oldest !== undefined && oldest.at + REUSE_AFTER_MICROS < at) {
      this.#closed[this.#closedHead++] = /** @type {any} */ (undefined);
      this.#reused++;
      return oldest.tuple;
    }
    const client = random.below(this.#clientCount);
    const server = random.below(SERVER_COUNT);
    const cursor = this.#portCursors[client]++;
    return {
      client: SERVER_COUNT + client,
      server,
      clientPort: PORT_FIRST + (cursor % PORT_COUNT),
      serverPort: SERVER_PORTS[server % SERVER_PORTS.length],
      v6: random.chance(parameters.ipv6Share),
    };
  }

  /** @returns {Omit<Truth, "octets">} */
  truth() {
    const { counts } = this.conversations;
    const byStatus = { stuck: 0, draining: 0, recent: 0 };
    const byHolder = { client: 0, server: 0 };
    /** @type {Record<string, number>} */
    const holders = {};
    const halfClosed = this.conversations.halfClosed(this.#now);
    for (const flow of halfClosed) {
      byStatus[flow.status]++;
      byHolder[flow.holder === 0 ? "client" : "server"]++;
      if (flow.holder === 0) continue;
      const address = addressText(flow.server, SERVER_COUNT, flow.v6);
      const endpoint = `${flow.v6 ? `[${address}]` : address}:${flow.serverPort}`;
      holders[endpoint] = (holders[endpoint] ?? 0) + 1;
    }
    return {
      packets: this.#packets,
      flows: counts.flows,
      tuples: counts.flows - this.#reused,
      midStream: counts.midStream,
      openMax: this.#openMax,
      openAtEnd: this.wheel.count,
      halfClosed: halfClosed.length,
      byStatus,
      byHolder,
      holders: Object.fromEntries(Object.entries(holders).sort()),
      resets: counts.resets,
      retransmissions: counts.retransmissions,
      payloadSegments: counts.payloadSegments,
      finSegments: { client: counts.finSegments[0], server: counts.finSegments[1] },
      seconds: this.#now / 1e6,
    };
  }
}

export const CACHE_FOLDER = join(tmpdir(), "closewait-bench");

/**
 * The capture of a case, made now or found in the cache. Captures of other versions of the generator are deleted.
 * @param {string} name @param {Case} parameters
 * @returns {Promise<{path: string, truth: Truth, fileOctets: number, made: boolean}>}
 */
export async function cachedCapture(name, parameters) {
  mkdirSync(CACHE_FOLDER, { recursive: true });
  const prefix = `v${GENERATOR_VERSION}-`;
  for (const file of readdirSync(CACHE_FOLDER)) {
    if (!file.startsWith(prefix)) rmSync(join(CACHE_FOLDER, file), { force: true });
  }
  const { shows: _shows, usual: _usual, ...bytes } = parameters;
  const hash = createHash("sha256").update(JSON.stringify(bytes)).digest("hex").slice(0, 8);
  const suffix = `${parameters.format}${parameters.gzip ? ".gz" : ""}`;
  const path = join(CACHE_FOLDER, `${prefix}${name}-${parameters.packets}-${hash}.${suffix}`);
  const truthPath = `${path}.json`;
  if (existsSync(path) && existsSync(truthPath)) {
    const { fileOctets, truth } = JSON.parse(readFileSync(truthPath, "utf8"));
    if (statSync(path).size === fileOctets) return { path, truth, fileOctets, made: false };
  }
  const partial = `${path}.${process.pid}.partial`;
  try {
    const truth = await generate(partial, parameters);
    const fileOctets = statSync(partial).size;
    renameSync(partial, path);
    writeFileSync(truthPath, `${JSON.stringify({ fileOctets, truth }, null, 2)}\n`);
    return { path, truth, fileOctets, made: true };
  } finally {
    rmSync(partial, { force: true });
  }
}

/**
 * A case with another number of packets: as many packets a connection, the same time.
 * @param {Case} parameters @param {number} packets
 * @returns {Case}
 */
export function resized(parameters, packets) {
  const connections = Math.max(1, Math.round((parameters.connections * packets) / parameters.packets));
  return { ...parameters, packets, connections };
}
