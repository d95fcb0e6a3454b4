/**
 * Writes Ethernet frames with IPv4 or IPv6 and TCP. IPv4 header checksums are right; TCP checksums stay 0, as nobody who reads captures
 * may rely on them (offload) and no peer verifies them by default. Frames shorter than Ethernet's minimum are padded, as a card delivers them.
 */

export const FIN = 0x01;
export const SYN = 0x02;
export const RST = 0x04;
export const PSH = 0x08;
export const ACK = 0x10;

const ETHERNET_HEADER = 14;
const ETHERNET_MIN = 60;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const TCP_HEADER = 20;
const SYN_OPTIONS = 20;
const TIMESTAMP_OPTIONS = 12;
export const MTU = 1500;
export const WINDOW_SCALE = 7;

const PAYLOAD_TEXT = '{"id":"7f3c","path":"/api/v1/orders","status":"accepted","items":[1,2,3],"total":"129.90"}\r\n';
const PAYLOAD = Buffer.alloc(1 << 16, PAYLOAD_TEXT);
const COPY_BY_HAND_MAX = 48;

/** @param {boolean} v6 the longest payload of a segment with timestamps */
export function payloadMax(v6) {
  return MTU - (v6 ? IPV6_HEADER : IPV4_HEADER) - TCP_HEADER - TIMESTAMP_OPTIONS;
}

/** The fields of the segment to write; one object, reused for ever. */
export class Segment {
  v6 = false;
  /** Indices of hosts, not addresses. */
  from = 0;
  to = 0;
  fromPort = 0;
  toPort = 0;
  id = 0;
  seq = 0;
  ack = 0;
  flags = 0;
  window = 0;
  tsval = 0;
  tsecr = 0;
  length = 0;
}

/**
 * Servers are hosts below `serverCount`, in 10.0.0.0/16 or 2001:db8:0:a::/64; the others are clients, in 10.16.0.0/12 or 2001:db8:0:b::/64.
 * @param {number} host @param {number} serverCount
 */
export function ipv4Of(host, serverCount) {
  return host < serverCount ? 0x0a000001 + host : 0x0a100001 + host - serverCount;
}

/** @param {number} host @param {number} serverCount @param {boolean} v6 */
export function addressText(host, serverCount, v6) {
  if (v6) {
    const net = host < serverCount ? "a" : "b";
    return `2001:db8:0:${net}::${(host + 1).toString(16)}`;
  }
  const address = ipv4Of(host, serverCount);
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join(".");
}

/**
 * @param {{buffer: Buffer, view: DataView}} out @param {number} at
 * @param {Segment} segment @param {number} serverCount
 * @returns {number} length of the frame
 */
export function writeFrame(out, at, segment, serverCount) {
  const { buffer, view } = out;
  const { v6, from, to, flags, length } = segment;
  const syn = (flags & SYN) !== 0;
  const optionOctets = syn ? SYN_OPTIONS : (flags & RST) !== 0 ? 0 : TIMESTAMP_OPTIONS;
  const tcpOctets = TCP_HEADER + optionOctets + length;

  view.setUint16(at, 0x0200);
  view.setUint32(at + 2, to);
  view.setUint16(at + 6, 0x0200);
  view.setUint32(at + 8, from);
  view.setUint16(at + 12, v6 ? 0x86dd : 0x0800);

  let tcp = at + ETHERNET_HEADER;
  if (v6) {
    writeIPv6(view, tcp, segment, tcpOctets, serverCount);
    tcp += IPV6_HEADER;
  } else {
    writeIPv4(view, tcp, segment, tcpOctets, serverCount);
    tcp += IPV4_HEADER;
  }

  view.setUint16(tcp, segment.fromPort);
  view.setUint16(tcp + 2, segment.toPort);
  view.setInt32(tcp + 4, segment.seq);
  view.setInt32(tcp + 8, (flags & ACK) !== 0 ? segment.ack : 0);
  view.setUint16(tcp + 12, (((TCP_HEADER + optionOctets) >> 2) << 12) | flags);
  view.setUint16(tcp + 14, segment.window);
  view.setUint32(tcp + 16, 0);

  let end = tcp + TCP_HEADER;
  if (syn) {
    view.setUint32(end, 0x02040000 | (v6 ? 1440 : 1460));
    view.setUint16(end + 4, 0x0402); // SACK permitted
    view.setUint16(end + 6, 0x080a);
    view.setInt32(end + 8, segment.tsval);
    view.setInt32(end + 12, segment.tsecr);
    view.setUint32(end + 16, 0x01030300 | WINDOW_SCALE);
  } else if (optionOctets !== 0) {
    view.setUint32(end, 0x0101080a);
    view.setInt32(end + 4, segment.tsval);
    view.setInt32(end + 8, segment.tsecr);
  }
  end += optionOctets;

  const start = segment.seq & 0x3fff;
  if (length > COPY_BY_HAND_MAX) PAYLOAD.copy(buffer, end, start, start + length);
  else for (let i = 0; i < length; i++) buffer[end + i] = PAYLOAD[start + i];
  end += length;
  while (end < at + ETHERNET_MIN) buffer[end++] = 0;
  return end - at;
}

/** @param {DataView} view @param {number} at @param {Segment} segment @param {number} payload @param {number} serverCount */
function writeIPv4(view, at, segment, payload, serverCount) {
  const source = ipv4Of(segment.from, serverCount);
  const destination = ipv4Of(segment.to, serverCount);
  const total = IPV4_HEADER + payload;
  const ttlAndProtocol = ((segment.from < serverCount ? 64 : 57) << 8) | 6;
  let sum = 0x4500 + total + segment.id + 0x4000 + ttlAndProtocol;
  sum += (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
  sum = (sum & 0xffff) + (sum >>> 16);
  sum = (sum & 0xffff) + (sum >>> 16);
  view.setUint16(at, 0x4500);
  view.setUint16(at + 2, total);
  view.setUint16(at + 4, segment.id);
  view.setUint16(at + 6, 0x4000);
  view.setUint16(at + 8, ttlAndProtocol);
  view.setUint16(at + 10, ~sum);
  view.setUint32(at + 12, source);
  view.setUint32(at + 16, destination);
}

/** @param {DataView} view @param {number} at @param {Segment} segment @param {number} payload @param {number} serverCount */
function writeIPv6(view, at, segment, payload, serverCount) {
  view.setUint32(at, 0x60000000);
  view.setUint16(at + 4, payload);
  view.setUint16(at + 6, (6 << 8) | (segment.from < serverCount ? 64 : 57));
  writeIPv6Address(view, at + 8, segment.from, serverCount);
  writeIPv6Address(view, at + 24, segment.to, serverCount);
}

/** @param {DataView} view @param {number} at @param {number} host @param {number} serverCount */
function writeIPv6Address(view, at, host, serverCount) {
  view.setUint32(at, 0x20010db8);
  view.setUint32(at + 4, host < serverCount ? 0xa : 0xb);
  view.setUint32(at + 8, 0);
  view.setUint32(at + 12, host + 1);
}
