import type { FrameBatch } from "./frame-batch.ts";
import { ETHER_TYPE, ETHERNET, IP_PROTOCOL, IPV4, LINK, TCP } from "./header-numbers.ts";
import { FRAGMENT, IPV4_HEADER } from "./ipv4.ts";
import { ETHERNET_HEADER } from "./link-layers.ts";
import type { SeededHash } from "./seeded-hash.ts";
import { BATCH_ROWS, FROM_B, RST, type SegmentBatch, SYN, TIMESTAMPS } from "./segment-batch.ts";
import { TCP_HEADER } from "./tcp.ts";
import { ALIGNED_TIMESTAMPS, TIMESTAMPS_OPTION } from "./tcp-options.ts";

const LINK_TYPE = ETHERNET - LINK;
const ETHERNET_TYPE = IPV4 - ETHER_TYPE;
const VERSION_4_WITHOUT_OPTIONS = 0x45;
const PROTOCOL = TCP - IP_PROTOCOL;

/** NOP NOP before the option. */
const OCTETS_WITH_TIMESTAMPS = TCP_HEADER.OCTETS_MIN + 2 + TIMESTAMPS_OPTION.OCTETS;

/** Flipping the sign bit makes signed comparison order words as if they were unsigned. */
const SIGN = 0x80000000 | 0;

/** Both fields are read at once: data offset and reserved bits, flags, window. */
const OFFSET_FLAGS_WINDOW = TCP_HEADER.DATA_OFFSET;

/**
 * What nearly every frame is, read in one loop: Ethernet, IPv4 without options, TCP with no option but aligned timestamps, no SYN, no RST,
 * headers captured in full. Appends the rows that walking the layers would append, and returns the number of the first frame that has
 * to be walked, or for which there was no room.
 */
export function decodePlainSegments(frames: FrameBatch, first: number, hash: SeededHash, batch: SegmentBatch): number {
  const { view, rows, capture, firstFrame, firstOrder, offset, capturedLength, linkType } = frames;
  const { addressA, addressB, ports, seq, ack, flags, window, length, tsval, tsecr, traits } = batch;
  let row = batch.rows;
  let frame = first;
  for (; frame < rows && row < BATCH_ROWS; frame++) {
    const at = offset[frame] as number;
    const ip = at + ETHERNET_HEADER.OCTETS;
    const tcp = ip + IPV4_HEADER.OCTETS_MIN;
    const captured = at + (capturedLength[frame] as number) - tcp;
    if (captured < TCP_HEADER.OCTETS_MIN || linkType[frame] !== LINK_TYPE) break;
    if (view.getUint16(at + ETHERNET_HEADER.TYPE) !== ETHERNET_TYPE) break;
    if (view.getUint8(ip + IPV4_HEADER.VERSION_AND_IHL) !== VERSION_4_WITHOUT_OPTIONS) break;
    if (view.getUint8(ip + IPV4_HEADER.PROTOCOL) !== PROTOCOL) break;
    if ((view.getUint16(ip + IPV4_HEADER.FRAGMENT) & FRAGMENT.ANY) !== 0) break;

    const word = view.getInt32(tcp + OFFSET_FLAGS_WINDOW);
    const headerOctets = (word >>> 28) << 2;
    const timestamped = headerOctets === OCTETS_WITH_TIMESTAMPS;
    if (!timestamped && headerOctets !== TCP_HEADER.OCTETS_MIN) break;
    const option = tcp + TCP_HEADER.OCTETS_MIN;
    if (timestamped && (captured < headerOctets || view.getInt32(option) !== ALIGNED_TIMESTAMPS)) break;
    const payload = view.getUint16(ip + IPV4_HEADER.TOTAL_LENGTH) - IPV4_HEADER.OCTETS_MIN - headerOctets;
    if (payload < 0 || (word & ((SYN | RST) << 16)) !== 0) break;

    const source = view.getInt32(ip + IPV4_HEADER.SOURCE);
    const destination = view.getInt32(ip + IPV4_HEADER.DESTINATION);
    const headerPorts = view.getInt32(tcp + TCP_HEADER.SOURCE_PORT);
    const fromB =
      source === destination ? headerPorts >>> 16 > (headerPorts & 0xffff) : (source ^ SIGN) > (destination ^ SIGN);
    const a = fromB ? destination : source;
    const b = fromB ? source : destination;
    const keyPorts = fromB ? (headerPorts << 16) | (headerPorts >>> 16) : headerPorts;

    batch.time[row] = frames.time[frame] as number;
    batch.capture[row] = capture;
    batch.frame[row] = firstFrame + frame;
    batch.order[row] = firstOrder + frame;
    batch.hash[row] = hash.of(a, b, keyPorts, 0);
    addressA[row] = a;
    addressB[row] = b;
    ports[row] = keyPorts;
    batch.tunnel[row] = 0;
    seq[row] = view.getInt32(tcp + TCP_HEADER.SEQ);
    ack[row] = view.getInt32(tcp + TCP_HEADER.ACK);
    flags[row] = (word >>> 16) & 0xff;
    window[row] = word & 0xffff;
    length[row] = payload;
    tsval[row] = timestamped ? view.getInt32(option + 2 + TIMESTAMPS_OPTION.TSVAL) : 0;
    tsecr[row] = timestamped ? view.getInt32(option + 2 + TIMESTAMPS_OPTION.TSECR) : 0;
    traits[row] = (timestamped ? TIMESTAMPS : 0) | (fromB ? FROM_B : 0);
    batch.mss[row] = 0;
    batch.identification[row] = view.getUint16(ip + IPV4_HEADER.IDENTIFICATION);
    row++;
  }
  batch.rows = row;
  return frame;
}
