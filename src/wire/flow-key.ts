import type { Dissection } from "./dissection.ts";
import { IPV4_HEADER } from "./ipv4.ts";
import { IPV6_HEADER } from "./ipv6.ts";
import type { SeededHash } from "./seeded-hash.ts";
import { FROM_B, IPV6, type SegmentBatch } from "./segment-batch.ts";

/** Flipping the sign bit makes signed comparison order words as if they were unsigned. */
const SIGN = 0x80000000 | 0;

/**
 * Completes `row` with the key of its flow: addresses and ports in the order that both directions share, the tunnel, and the
 * hash. Expects `ports` as the header has them, source first.
 */
export function writeFlowKey(d: Dissection, hash: SeededHash, batch: SegmentBatch, row: number): void {
  const ports = batch.ports[row] as number;
  const traits = batch.traits[row] as number;
  if (!d.v6) {
    writeIpv4Key(d.view, d.ip, ports, d.tunnel, traits, hash, batch, row);
    return;
  }
  const fromB = writeIpv6(d, hash, batch, row);
  const { addressA, addressB } = batch;
  writeKey(addressA[row] as number, addressB[row] as number, ports, d.tunnel, traits | IPV6, fromB, hash, batch, row);
}

/** The same for the addresses of the IPv4 header at `ip`. */
export function writeIpv4Key(
  view: DataView,
  ip: number,
  ports: number,
  tunnel: number,
  traits: number,
  hash: SeededHash,
  batch: SegmentBatch,
  row: number,
): void {
  const source = view.getInt32(ip + IPV4_HEADER.SOURCE);
  const destination = view.getInt32(ip + IPV4_HEADER.DESTINATION);
  const fromB = source === destination ? isSourcePortHigher(ports) : (source ^ SIGN) > (destination ^ SIGN);
  const addressA = fromB ? destination : source;
  const addressB = fromB ? source : destination;
  batch.addressA[row] = addressA;
  batch.addressB[row] = addressB;
  writeKey(addressA, addressB, ports, tunnel, traits, fromB, hash, batch, row);
}

function writeKey(
  addressA: number,
  addressB: number,
  headerPorts: number,
  tunnel: number,
  traits: number,
  fromB: boolean,
  hash: SeededHash,
  batch: SegmentBatch,
  row: number,
): void {
  const ports = fromB ? (headerPorts << 16) | (headerPorts >>> 16) : headerPorts;
  batch.ports[row] = ports;
  batch.traits[row] = fromB ? traits | FROM_B : traits;
  batch.tunnel[row] = tunnel;
  batch.hash[row] = hash.of(addressA, addressB, ports, tunnel);
}

function writeIpv6(d: Dissection, hash: SeededHash, batch: SegmentBatch, row: number): boolean {
  const { view, ip } = d;
  const source = ip + IPV6_HEADER.SOURCE;
  const destination = ip + IPV6_HEADER.DESTINATION;
  const difference = compareAddresses(view, source, destination);
  const fromB = difference === 0 ? isSourcePortHigher(batch.ports[row] as number) : difference > 0;
  batch.addressA[row] = writeWords(view, fromB ? destination : source, hash, batch.words, row * 8);
  batch.addressB[row] = writeWords(view, fromB ? source : destination, hash, batch.words, row * 8 + 4);
  return fromB;
}

const isSourcePortHigher = (ports: number): boolean => ports >>> 16 > (ports & 0xffff);

function compareAddresses(view: DataView, a: number, b: number): number {
  for (let octet = 0; octet < 16; octet += 4) {
    const difference = view.getUint32(a + octet) - view.getUint32(b + octet);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Copies an address into its four words and returns its hash. */
function writeWords(view: DataView, at: number, hash: SeededHash, words: Int32Array, index: number): number {
  const word0 = view.getInt32(at);
  const word1 = view.getInt32(at + 4);
  const word2 = view.getInt32(at + 8);
  const word3 = view.getInt32(at + 12);
  words[index] = word0;
  words[index + 1] = word1;
  words[index + 2] = word2;
  words[index + 3] = word3;
  return hash.of(word0, word1, word2, word3);
}
