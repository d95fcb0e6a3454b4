import { type EventEmitter, once } from "node:events";

/** The package has no types; these are its documented events and what of its state has to be known. */
export interface PcapParser extends EventEmitter {
  readonly stream: NodeJS.ReadableStream;
  /** Octets that were no whole header or packet yet. */
  readonly buffer: Buffer | null;
  on(event: "globalHeader", listener: (header: GlobalHeader) => void): this;
  on(event: "packetHeader", listener: (header: PacketHeader) => void): this;
  on(event: "packetData", listener: (data: Buffer) => void): this;
  on(event: "packet", listener: (packet: { header: PacketHeader; data: Buffer }) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  on(event: "end", listener: () => void): this;
}

export interface GlobalHeader {
  readonly magicNumber: number;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly snapshotLength: number;
  readonly linkLayerType: number;
}

export interface PacketHeader {
  readonly timestampSeconds: number;
  readonly timestampMicroseconds: number;
  readonly capturedLength: number;
  readonly originalLength: number;
}

const FILE_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;

export function isPcapParser(value: unknown): value is PcapParser {
  return typeof value === "object" && value !== null && "stream" in value && "state" in value && "endianness" in value;
}

/**
 * An instance of pcap-parser as a stream of bytes: its events are written down again as the little-endian capture file they stand
 * for, so that such an input goes the way of all others. To be called before the parser has read anything.
 *
 * The parser has no back-pressure of its own: its stream is held whenever something waits here, which bounds memory to one chunk.
 */
export function fromPcapParser(parser: PcapParser): AsyncIterable<Uint8Array> {
  const waiting: Uint8Array[] = [];
  const add = (octets: Uint8Array) => {
    waiting.push(octets);
    parser.stream.pause();
  };
  const failure: { error?: Error } = {};
  let ended = false;
  parser.on("globalHeader", (header) => add(fileHeader(header)));
  parser.on("packetHeader", (header) => add(recordHeader(header)));
  parser.on("packetData", (data) => add(data));
  parser.on("error", (error) => {
    failure.error = error;
  });
  parser.on("end", () => {
    // Silent about truncation: what it could not use is still in its buffer.
    if (parser.buffer?.length) waiting.push(parser.buffer);
    ended = true;
  });

  return (async function* () {
    try {
      while (true) {
        yield* waiting.splice(0);
        if (waiting.length > 0) continue;
        if (failure.error) throw failure.error;
        if (ended) return;
        const chunk = once(parser.stream, "data").catch(() => undefined);
        parser.stream.resume();
        await Promise.race([chunk, once(parser, "end")]);
      }
    } finally {
      if ("destroy" in parser.stream && typeof parser.stream.destroy === "function") parser.stream.destroy();
    }
  })();
}

function fileHeader(header: GlobalHeader): Uint8Array {
  const octets = Buffer.alloc(FILE_HEADER_OCTETS);
  octets.writeUInt32LE(header.magicNumber, 0);
  octets.writeUInt16LE(header.majorVersion, 4);
  octets.writeUInt16LE(header.minorVersion, 6);
  octets.writeUInt32LE(header.snapshotLength, 16);
  octets.writeUInt32LE(header.linkLayerType, 20);
  return octets;
}

function recordHeader(header: PacketHeader): Uint8Array {
  const octets = Buffer.alloc(RECORD_HEADER_OCTETS);
  octets.writeUInt32LE(header.timestampSeconds, 0);
  octets.writeUInt32LE(header.timestampMicroseconds, 4);
  octets.writeUInt32LE(header.capturedLength, 8);
  octets.writeUInt32LE(header.originalLength, 12);
  return octets;
}
