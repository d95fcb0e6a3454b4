import { content, type FrameLayout, field, framesOf, type Layout, little } from "./frame-walk.ts";

const MAGIC = 0x184d2204;
const VERSION = 1;
const CHECKSUM_OCTETS = 4;
const UNCOMPRESSED = 0x8000_0000;

/** LZ4 frames: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
export function lz4Frames(): Layout {
  return framesOf(MAGIC, lz4Frame);
}

function* lz4Frame(): FrameLayout {
  const flags = little(yield field(1));
  const [hasBlockChecksums, hasContentSize] = [(flags & 0x10) !== 0, (flags & 0x08) !== 0];
  const [hasChecksum, hasDictionary] = [(flags & 0x04) !== 0, (flags & 0x01) !== 0];
  if (flags >>> 6 !== VERSION || flags & 0x02) return "broken";
  const blockSizeId = (little(yield field(1)) >>> 4) & 7;
  if (blockSizeId < 4) return "broken";
  const blockOctetsMax = 256 << (2 * blockSizeId); // 64 KiB to 4 MiB
  const headerChecksumOctets = 1;
  yield content((hasContentSize ? 8 : 0) + (hasDictionary ? 4 : 0) + headerChecksumOctets);
  if (hasDictionary) return { unsupported: "needs an lz4 dictionary; decompress first (lz4 -d -D DICTIONARY)" };

  while (true) {
    const size = little(yield field(4));
    if (size === 0) break;
    const octets = size >= UNCOMPRESSED ? size - UNCOMPRESSED : size;
    if (octets > blockOctetsMax) return "broken";
    yield content(octets + (hasBlockChecksums ? CHECKSUM_OCTETS : 0));
  }
  if (hasChecksum) yield content(CHECKSUM_OCTETS);
  return null;
}
