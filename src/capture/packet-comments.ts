import { BLOCK_TYPE } from "./pcapng-blocks.ts";
import { BLOCK, ENHANCED, padded } from "./pcapng-layout.ts";
import { OptionCursor } from "./pcapng-options.ts";
import type { CaptureRecord } from "./record.ts";

const UTF8 = new TextDecoder();

/**
 * The comments of a record that a pcapng reader stands on, as they are in the file. They lie behind its octets, in the block that both are
 * part of; a simple packet block has none. Readers only count and list comments, since nearly nobody wants each.
 */
export function packetComments({ view, offset, capturedLength }: CaptureRecord): string[] {
  const start = offset - ENHANCED.data;
  if (start < 0) return [];
  for (const littleEndian of [true, false]) {
    const octets = packetBlockOctets(view, start, capturedLength, littleEndian);
    if (octets === null) continue;
    const comments: string[] = [];
    const option = new OptionCursor();
    option.start(view, offset + padded(capturedLength), start + octets - BLOCK.trailerOctets, littleEndian);
    while (option.next()) {
      if (!option.isComment) continue;
      comments.push(
        UTF8.decode(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + option.offset, option.length)),
      );
    }
    return comments;
  }
  return [];
}

/** Length of the enhanced or obsolete packet block that begins here and holds so many captured octets; null: none does. */
function packetBlockOctets(
  view: DataView,
  start: number,
  capturedLength: number,
  littleEndian: boolean,
): number | null {
  const type = view.getUint32(start + BLOCK.type, littleEndian);
  if (type !== BLOCK_TYPE.enhancedPacket && type !== BLOCK_TYPE.packet) return null;
  if (view.getUint32(start + ENHANCED.capturedLength, littleEndian) !== capturedLength) return null;
  const octets = view.getUint32(start + BLOCK.totalLength, littleEndian);
  const end = start + octets;
  if (octets < ENHANCED.octetsMin + padded(capturedLength) || end > view.byteLength) return null;
  return view.getUint32(end - BLOCK.trailerOctets, littleEndian) === octets ? octets : null;
}
