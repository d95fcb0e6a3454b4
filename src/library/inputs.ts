import { fileURLToPath } from "node:url";
import type { ByteInput } from "../capture/byte-source.ts";
import { fromPcapParser, isPcapParser } from "../capture/pcap-parser-input.ts";
import { CloseWaitError } from "../errors.ts";

/** A stream of the web platform, such as `response.body` or `blob.stream()`. */
export interface WebStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** An instance of the npm package pcap-parser that has not begun to read. */
export interface PcapParserInstance {
  readonly stream: object;
  readonly on: (...values: never[]) => unknown;
}

/**
 * One thing to read:
 *
 * - a path of a file, or of a directory with all captures below it; a glob; `-` for standard input; a `file:` URL
 * - a capture in memory: `Uint8Array` (so also Node's `Buffer`) or `ArrayBuffer`
 * - a Node stream, a web stream, or anything else that is an async iterable of `Uint8Array`
 * - an instance of the npm package pcap-parser
 *
 * pcap or pcapng, plain or compressed (gzip, zstd, lz4): that is told from the content.
 */
export type CaptureInput =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | AsyncIterable<Uint8Array>
  | WebStream
  | PcapParserInstance;

/** @throws CloseWaitError ("usage") when something among them is no input */
export function readInputs(given: CaptureInput | readonly CaptureInput[]): ByteInput[] {
  return isList(given) ? given.map(readInput) : [readInput(given)];
}

const isList = (given: CaptureInput | readonly CaptureInput[]): given is readonly CaptureInput[] =>
  Array.isArray(given);

function readInput(input: CaptureInput): ByteInput {
  if (typeof input === "string" || input instanceof Uint8Array) return input;
  if (input instanceof ArrayBuffer) return new Uint8Array(input);
  if (input instanceof URL) return pathOf(input);
  if (isPcapParser(input)) return fromPcapParser(input);
  if (typeof input === "object" && input !== null) {
    if (Symbol.asyncIterator in input) return input;
    if ("getReader" in input) return chunksOf(input);
  }
  const found = input === null ? "null" : typeof input;
  throw new CloseWaitError("usage", `an input is a path, bytes, or a stream of bytes; this is ${found}`);
}

function pathOf(url: URL): string {
  if (url.protocol === "file:") return fileURLToPath(url);
  throw new CloseWaitError("usage", `${url.protocol} URLs are not read: fetch it and pass the body, a stream`);
}

/** Not every platform's web streams can be iterated over. */
async function* chunksOf(stream: WebStream): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value) yield value;
    }
  } finally {
    await reader.cancel();
  }
}
