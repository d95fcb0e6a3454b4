import type { Dissection } from "./dissection.ts";
import { FIN, RST, type SegmentBatch, SYN } from "./segment-batch.ts";
import { decodeOptions } from "./tcp-options.ts";

/** RFC 9293 §3.1 */
export const TCP_HEADER = {
  SOURCE_PORT: 0,
  DESTINATION_PORT: 2,
  SEQ: 4,
  ACK: 8,
  DATA_OFFSET: 12,
  FLAGS: 13,
  WINDOW: 14,
  /** What is read; checksum and urgent pointer, behind it, may be cut. */
  OCTETS_READ: 16,
  OCTETS_MIN: 20,
} as const;

/**
 * Reads the TCP header at `d.at` into `row`: all columns that come from it alone, `ports` as source << 16 | destination
 * and `traits` without direction. False, with a reason in `d`, when it cannot be read.
 */
export function decodeTcp(d: Dissection, batch: SegmentBatch, row: number): boolean {
  const { view, at } = d;
  const onWire = d.wireEnd - at;
  if (onWire < TCP_HEADER.OCTETS_MIN) {
    d.reason = "tcp-header-malformed";
    return false;
  }
  if (!d.has(TCP_HEADER.OCTETS_READ)) {
    d.reason = "flags-unseen";
    return false;
  }
  const headerOctets = (view.getUint8(at + TCP_HEADER.DATA_OFFSET) >>> 4) << 2;
  if (headerOctets < TCP_HEADER.OCTETS_MIN || headerOctets > onWire) {
    d.reason = "tcp-header-malformed";
    return false;
  }

  let flags = view.getUint8(at + TCP_HEADER.FLAGS);
  // Neither is ever sent by a TCP: a SYN opens and a RST ends, whatever else the segment claims.
  if ((flags & (SYN | RST)) !== 0) flags &= ~FIN;

  batch.ports[row] = view.getInt32(at + TCP_HEADER.SOURCE_PORT);
  batch.seq[row] = view.getInt32(at + TCP_HEADER.SEQ);
  batch.ack[row] = view.getInt32(at + TCP_HEADER.ACK);
  batch.flags[row] = flags;
  batch.window[row] = view.getUint16(at + TCP_HEADER.WINDOW);
  batch.length[row] = onWire - headerOctets;
  const optionsEnd = Math.min(at + headerOctets, d.end);
  batch.traits[row] = decodeOptions(view, at + TCP_HEADER.OCTETS_MIN, optionsEnd, batch, row);
  return true;
}
