// draft-ietf-opsawg-pcapng: one little-endian section; an interface for each source capture and link type.
import { BLOCK_TYPE } from "../capture/pcapng-blocks.ts";
import {
  BYTE_ORDER_MAGIC,
  INTERFACE_OPTION,
  MAJOR_VERSION,
  padded,
  STATISTICS_OPTION,
} from "../capture/pcapng-layout.ts";
import type { ByteSink, CaptureWriter, Origin, OutputRecord } from "./byte-sink.ts";

const COMMENT = 1;
const INTERFACE_DESCRIPTION = 3;
const SECTION_APPLICATION = 4;
const END_OF_OPTIONS = 0;

/** if_tsresol: a power of ten. */
const RESOLUTION = { micros: 6, nanos: 9 } as const;

const TICKS_MAX = 2n ** 64n - 1n;

const SECTION_LENGTH_UNKNOWN = -1n;
const OPTION_OCTETS_MAX = 0xffff;

/** Fixed parts of the blocks, in octets: what stands between the block's header and its options or data. */
const BODY = { section: 16, interface: 8, packet: 20, statistics: 12 } as const;
const BLOCK_FRAME_OCTETS = 12;
const OPTION_HEADER_OCTETS = 4;

type Option = readonly [code: number, value: Uint8Array];

export interface PcapngWriterOptions {
  /** Name and version of the program. */
  readonly application: string;
  /** Of each source capture. */
  readonly originOf: (capture: number) => Origin;
}

export class PcapngWriter implements CaptureWriter {
  unfitTimes = 0;
  readonly #sink: ByteSink;
  readonly #options: PcapngWriterOptions;
  /** Numbers of the interfaces, by source capture and link type. */
  readonly #interfaces = new Map<string, { readonly number: number; readonly capture: number }>();

  constructor(sink: ByteSink, options: PcapngWriterOptions) {
    this.#sink = sink;
    this.#options = options;
    const body = new DataView(new ArrayBuffer(BODY.section));
    body.setUint32(0, BYTE_ORDER_MAGIC, true);
    body.setUint16(4, MAJOR_VERSION, true);
    body.setBigInt64(8, SECTION_LENGTH_UNKNOWN, true);
    this.#block(BLOCK_TYPE.section, [octetsOf(body)], [[SECTION_APPLICATION, utf8(options.application)]]);
  }

  write({ octets, originalLength, nanos, linkType, capture, comments }: OutputRecord): void {
    const number = this.#interfaceOf(capture, linkType);
    const body = new DataView(new ArrayBuffer(BODY.packet));
    body.setUint32(0, number, true);
    if (!this.#setTime(body, 4, nanos, capture)) this.unfitTimes++;
    body.setUint32(12, octets.length, true);
    body.setUint32(16, originalLength, true);
    const options = comments.map((comment): Option => [COMMENT, utf8(comment)]);
    this.#block(BLOCK_TYPE.enhancedPacket, [octetsOf(body), octets], options);
  }

  /** How far the captures were observed, and what they lost, stands behind the packets. */
  finish(): void {
    const told = new Set<number>();
    for (const { number, capture } of this.#interfaces.values()) {
      const { observedUntil, dropped } = this.#options.originOf(capture);
      const options: Option[] = [];
      if (observedUntil !== null) {
        const time = new DataView(new ArrayBuffer(8));
        this.#setTime(time, 0, observedUntil, capture);
        options.push([STATISTICS_OPTION.endTime, octetsOf(time)]);
      }
      // The counters of interfaces add up: what a capture lost is told once.
      if (dropped !== null && !told.has(capture)) {
        const counter = new DataView(new ArrayBuffer(8));
        counter.setBigUint64(0, BigInt(dropped), true);
        options.push([STATISTICS_OPTION.interfaceDrop, octetsOf(counter)]);
      }
      told.add(capture);
      if (options.length === 0) continue;
      const body = new DataView(new ArrayBuffer(BODY.statistics));
      body.setUint32(0, number, true);
      this.#setTime(body, 4, observedUntil ?? 0n, capture);
      this.#block(BLOCK_TYPE.interfaceStatistics, [octetsOf(body)], options);
    }
  }

  #interfaceOf(capture: number, linkType: number): number {
    const key = `${capture} ${linkType}`;
    const known = this.#interfaces.get(key);
    if (known) return known.number;
    const number = this.#interfaces.size;
    this.#interfaces.set(key, { number, capture });
    const { name, isNanosecond } = this.#options.originOf(capture);
    const body = new DataView(new ArrayBuffer(BODY.interface));
    body.setUint16(0, linkType, true);
    const options: Option[] = name === null ? [] : [[INTERFACE_DESCRIPTION, utf8(name)]];
    options.push([INTERFACE_OPTION.timeResolution, Uint8Array.of(isNanosecond ? RESOLUTION.nanos : RESOLUTION.micros)]);
    this.#block(BLOCK_TYPE.interface, [octetsOf(body)], options);
    return number;
  }

  /** Two words, the high one first in either byte order. False if the time does not fit. */
  #setTime(view: DataView, at: number, nanos: bigint, capture: number): boolean {
    const ticks = this.#options.originOf(capture).isNanosecond ? nanos : nanos / 1000n;
    const fits = ticks >= 0n && ticks <= TICKS_MAX;
    const held = fits ? ticks : ticks < 0n ? 0n : TICKS_MAX;
    view.setUint32(at, Number(held >> 32n), true);
    view.setUint32(at + 4, Number(BigInt.asUintN(32, held)), true);
    return fits;
  }

  #block(type: number, parts: readonly Uint8Array[], options: readonly Option[]): void {
    let octets = BLOCK_FRAME_OCTETS;
    for (const part of parts) octets += padded(part.length);
    for (const [, value] of options) octets += OPTION_HEADER_OCTETS + padded(value.length);
    if (options.length > 0) octets += OPTION_HEADER_OCTETS;
    this.#words(type, octets);
    for (const part of parts) this.#padded(part);
    for (const [code, value] of options) {
      this.#words(code | (value.length << 16));
      this.#padded(value);
    }
    if (options.length > 0) this.#words(END_OF_OPTIONS);
    this.#words(octets);
  }

  #words(...words: readonly number[]): void {
    const view = new DataView(new ArrayBuffer(words.length * 4));
    for (const [index, word] of words.entries()) view.setUint32(index * 4, word, true);
    this.#sink.write(octetsOf(view));
  }

  #padded(octets: Uint8Array): void {
    this.#sink.write(octets);
    const rest = padded(octets.length) - octets.length;
    if (rest > 0) this.#sink.write(new Uint8Array(rest));
  }
}

const octetsOf = (view: DataView): Uint8Array => new Uint8Array(view.buffer as ArrayBuffer);

/** As long as an option may be. */
function utf8(text: string): Uint8Array {
  const octets = new TextEncoder().encode(text);
  return octets.length <= OPTION_OCTETS_MAX ? octets : octets.subarray(0, OPTION_OCTETS_MAX);
}
