import type { Frame } from "./dissection.ts";
import { writeIpv4Key } from "./flow-key.ts";
import { ETHER_TYPE, ETHERNET, IP_PROTOCOL, IPV4, LINK, TCP } from "./header-numbers.ts";
import { FRAGMENT, IPV4_HEADER } from "./ipv4.ts";
import { ETHERNET_HEADER } from "./link-layers.ts";
import type { SeededHash } from "./seeded-hash.ts";
import { RST, type SegmentBatch, SYN, TIMESTAMPS } from "./segment-batch.ts";
import { TCP_HEADER } from "./tcp.ts";
import { ALIGNED_TIMESTAMPS, TIMESTAMPS_OPTION } from "./tcp-options.ts";

const LINK_TYPE = ETHERNET - LINK;
const ETHERNET_TYPE = IPV4 - ETHER_TYPE;
const VERSION_4_WITHOUT_OPTIONS = 0x45;
const PROTOCOL = TCP - IP_PROTOCOL;

/** NOP NOP before the option. */
const OCTETS_WITH_TIMESTAMPS = TCP_HEADER.OCTETS_MIN + 2 + TIMESTAMPS_OPTION.OCTETS;

/** Returned for every other frame. */
export const NOT_PLAIN = -1;

/**
 * What nearly every frame is, read in one go: Ethernet, IPv4 without options, TCP with no option but aligned timestamps, no SYN, no RST,
 * headers captured in full. Writes the row that walking the layers would write (but time, mark and order), and returns the IPv4
 * identification; or NOT_PLAIN, having written nothing, and then the layers have to be walked.
 */
export function decodePlainSegment(frame: Frame, hash: SeededHash, batch: SegmentBatch, row: number): number {
  const { view, offset, capturedLength } = frame;
  const ip = offset + ETHERNET_HEADER.OCTETS;
  const tcp = ip + IPV4_HEADER.OCTETS_MIN;
  const captured = offset + capturedLength - tcp;
  if (captured < TCP_HEADER.OCTETS_MIN || frame.linkType !== LINK_TYPE) return NOT_PLAIN;
  if (view.getUint16(offset + ETHERNET_HEADER.TYPE) !== ETHERNET_TYPE) return NOT_PLAIN;
  if (view.getUint8(ip + IPV4_HEADER.VERSION_AND_IHL) !== VERSION_4_WITHOUT_OPTIONS) return NOT_PLAIN;
  if (view.getUint8(ip + IPV4_HEADER.PROTOCOL) !== PROTOCOL) return NOT_PLAIN;
  if ((view.getUint16(ip + IPV4_HEADER.FRAGMENT) & FRAGMENT.ANY) !== 0) return NOT_PLAIN;

  const headerOctets = (view.getUint8(tcp + TCP_HEADER.DATA_OFFSET) >>> 4) << 2;
  const timestamped = headerOctets === OCTETS_WITH_TIMESTAMPS;
  if (!timestamped && headerOctets !== TCP_HEADER.OCTETS_MIN) return NOT_PLAIN;
  const option = tcp + TCP_HEADER.OCTETS_MIN;
  if (timestamped && (captured < headerOctets || view.getInt32(option) !== ALIGNED_TIMESTAMPS)) return NOT_PLAIN;
  const length = view.getUint16(ip + IPV4_HEADER.TOTAL_LENGTH) - IPV4_HEADER.OCTETS_MIN - headerOctets;
  const flags = view.getUint8(tcp + TCP_HEADER.FLAGS);
  if (length < 0 || (flags & (SYN | RST)) !== 0) return NOT_PLAIN;

  batch.seq[row] = view.getInt32(tcp + TCP_HEADER.SEQ);
  batch.ack[row] = view.getInt32(tcp + TCP_HEADER.ACK);
  batch.flags[row] = flags;
  batch.window[row] = view.getUint16(tcp + TCP_HEADER.WINDOW);
  batch.length[row] = length;
  batch.tsval[row] = timestamped ? view.getInt32(option + 2 + TIMESTAMPS_OPTION.TSVAL) : 0;
  batch.tsecr[row] = timestamped ? view.getInt32(option + 2 + TIMESTAMPS_OPTION.TSECR) : 0;
  batch.mss[row] = 0;
  const ports = view.getInt32(tcp + TCP_HEADER.SOURCE_PORT);
  writeIpv4Key(view, ip, ports, 0, timestamped ? TIMESTAMPS : 0, hash, batch, row);
  return view.getUint16(ip + IPV4_HEADER.IDENTIFICATION);
}
