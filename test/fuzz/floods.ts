/** Captures of any length that are made while they are read: one frame again and again, with a few fields of its own each time. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "vitest";
import { frameOf, type TestSegment } from "../build/frames.ts";

const FILE_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;
const RECORDS_EACH = 1000;
const NANOS_MAGIC = 0xa1b23c4d;
const RAW = 101;

const IP = { v4: { id: 4, source: 12, octets: 20 }, v6: { source: 8, octets: 40 } } as const;

/** The fields of one frame, to be set. */
export class Fields {
  readonly #view: DataView;
  readonly #at: number;
  readonly #tcp: number;
  readonly #source: number;
  readonly #isV6: boolean;

  constructor(view: DataView, at: number, isV6: boolean) {
    this.#view = view;
    this.#at = at;
    this.#isV6 = isV6;
    this.#tcp = at + (isV6 ? IP.v6.octets : IP.v4.octets);
    this.#source = at + (isV6 ? IP.v6.source : IP.v4.source);
  }

  set seconds(seconds: number) {
    this.#view.setUint32(this.#at - RECORD_HEADER_OCTETS, seconds, true);
  }

  set nanos(nanos: number) {
    this.#view.setUint32(this.#at - RECORD_HEADER_OCTETS + 4, nanos, true);
  }

  /** The last word of an IPv6 address. */
  set source(word: number) {
    this.#view.setUint32(this.#source + (this.#isV6 ? 12 : 0), word);
  }

  set destination(word: number) {
    this.#view.setUint32(this.#source + (this.#isV6 ? 28 : 4), word);
  }

  set sourcePort(port: number) {
    this.#view.setUint16(this.#tcp, port);
  }

  set destinationPort(port: number) {
    this.#view.setUint16(this.#tcp + 2, port);
  }

  set seq(seq: number) {
    this.#view.setUint32(this.#tcp + 4, seq);
  }

  set ack(ack: number) {
    this.#view.setUint32(this.#tcp + 8, ack);
  }

  set flags(flags: number) {
    this.#view.setUint8(this.#tcp + 13, flags);
  }

  /** The identification: with another one nothing is a copy. */
  set id(id: number) {
    if (!this.#isV6) this.#view.setUint16(this.#at + IP.v4.id, id);
  }
}

export const FLAG = { FIN: 0x01, SYN: 0x02, RST: 0x04, ACK: 0x10 } as const;

/**
 * `count` frames in a pcap file, without link header. Frame n lies n microseconds behind the first unless `set` says otherwise, and has n for
 * its identification.
 */
export async function* flood(
  segment: TestSegment,
  count: number,
  set: (fields: Fields, index: number) => void,
): AsyncGenerator<Uint8Array> {
  const frame = frameOf(segment, { link: "RAW" });
  const isV6 = segment.from.ip.includes(":");
  const recordOctets = RECORD_HEADER_OCTETS + frame.length;
  yield fileHeader();
  for (let first = 0; first < count; first += RECORDS_EACH) {
    const records = Math.min(RECORDS_EACH, count - first);
    const octets = new Uint8Array(records * recordOctets);
    const view = new DataView(octets.buffer);
    for (let record = 0; record < records; record++) {
      const at = record * recordOctets;
      const index = first + record;
      view.setUint32(at, 1_700_000_000 + Math.floor(index / 1e6), true);
      view.setUint32(at + 4, (index % 1e6) * 1000, true);
      view.setUint32(at + 8, frame.length, true);
      view.setUint32(at + 12, frame.length, true);
      octets.set(frame, at + RECORD_HEADER_OCTETS);
      const fields = new Fields(view, at + RECORD_HEADER_OCTETS, isV6);
      fields.id = index;
      set(fields, index);
    }
    yield octets;
  }
}

function fileHeader(): Uint8Array {
  const octets = new Uint8Array(FILE_HEADER_OCTETS);
  const view = new DataView(octets.buffer);
  view.setUint32(0, NANOS_MAGIC, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, 65_535, true);
  view.setUint32(20, RAW, true);
  return octets;
}

/** Memory in use behind a stream that was read to its end, over what was in use before, in octets. */
export async function memoryAfter(
  stream: AsyncGenerator<Uint8Array>,
  read: (stream: AsyncGenerator<Uint8Array>) => Promise<unknown>,
): Promise<number> {
  const before = memoryInUse();
  let after = before;
  await read(
    (async function* () {
      yield* stream;
      after = memoryInUse();
    })(),
  );
  return after - before;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Processor time of this process, in milliseconds: of several runs the least. */
async function processorMillis(run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 3; turn++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** How many times as long eight times as many take: 8 when work grows as the input does, 64 when it grows as its square. */
const LINEAR = 32;

/** Work that grows as its input does: what eight times as many take in all tries is too long. */
export async function expectLinear(run: (count: number) => Promise<unknown>, count: number): Promise<void> {
  await run(count);
  const growth = await leastOf(LINEAR, async () => {
    const once = await processorMillis(() => run(count));
    return (await processorMillis(() => run(8 * count))) / once;
  });
  expect(growth).toBeLessThan(LINEAR);
}

/** The first measure below `limit`, or the least of five: what else goes on in the process and on the machine comes on top of some, not of all. */
export async function leastOf(limit: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5 && least >= limit; turn++) least = Math.min(least, await measure());
  return least;
}
