import { content, type FrameLayout, field, framesOf, type Layout, little } from "./frame-walk.ts";

const MAGIC = 0xfd2fb528;
const BLOCK_OCTETS_MAX = 128 * 1024;
const CONTENT_SIZE_OCTETS = [0, 2, 4, 8] as const;
const DICTIONARY_ID_OCTETS = [0, 1, 2, 4] as const;
const CHECKSUM_OCTETS = 4;
const RLE = 1;
const RESERVED = 3;

/** Zstandard frames: https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1 */
export function zstdFrames(windowOctetsMax: number): Layout {
  return framesOf(MAGIC, () => zstdFrame(windowOctetsMax));
}

function* zstdFrame(windowOctetsMax: number): FrameLayout {
  const descriptor = little(yield field(1));
  const isSingleSegment = (descriptor & 0x20) !== 0;
  if (descriptor & 0x08) return "broken";
  const window = isSingleSegment ? 0 : windowOctets(little(yield field(1)));
  const dictionaryId = little(yield field(DICTIONARY_ID_OCTETS[descriptor & 3] ?? 0));
  const contentOctets = yield* contentSize(descriptor >>> 6, isSingleSegment);
  if (dictionaryId !== 0) return { unsupported: "needs a zstd dictionary; decompress first (zstd -d -D DICTIONARY)" };
  if (Math.max(window, isSingleSegment ? contentOctets : 0) > windowOctetsMax) {
    const limit = `${windowOctetsMax / 1024 / 1024} MiB`;
    return { unsupported: `its zstd window is larger than ${limit}; decompress first (zstd -d --long=31)` };
  }

  for (let isLast = false; !isLast; ) {
    const header = little(yield field(3));
    const type = (header >>> 1) & 3;
    const size = header >>> 3;
    if (type === RESERVED || size > BLOCK_OCTETS_MAX) return "broken";
    yield content(type === RLE ? 1 : size);
    isLast = (header & 1) !== 0;
  }
  if (descriptor & 0x04) yield content(CHECKSUM_OCTETS);
  return null;
}

function windowOctets(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}

function* contentSize(flag: number, isSingleSegment: boolean): Generator<ReturnType<typeof field>, number, Uint8Array> {
  const octets = flag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_OCTETS[flag] ?? 0);
  if (octets === 0) return 0;
  return little(yield field(octets)) + (octets === 2 ? 256 : 0);
}
