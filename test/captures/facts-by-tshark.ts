import { execFileSync, spawnSync } from "node:child_process";
import { endpointText } from "../../src/analysis/flow-name.ts";
import { pathOf } from "../laws/recordings.ts";
import { type EndFacts, type Facts, type FinFacts, noFacts, type TupleFacts, tupleOf } from "./facts.ts";

export const hasTshark = spawnSync("tshark", ["--version"]).status === 0;

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const ACK = 0x10;

interface Segment {
  readonly frame: number;
  readonly at: number;
  readonly stream: number;
  readonly from: string;
  readonly to: string;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly length: number;
  readonly identification: string;
  /** What the copies of a datagram have in common. */
  readonly fingerprint: string;
}

/** tshark only says what is in each frame and which stream it belongs to; what follows from that is reckoned here, in the simplest way. */
export function factsByTshark(name: string): Facts {
  const segments = withoutCopies(segmentsOf(name));
  const streams = new Map<number, Segment[]>();
  for (const segment of segments) streams.set(segment.stream, [...(streams.get(segment.stream) ?? []), segment]);
  const facts: Record<string, TupleFacts> = {};
  for (const stream of [...streams.values()].sort(([a], [b]) => (a as Segment).frame - (b as Segment).frame)) {
    enter(facts, stream as [Segment, ...Segment[]]);
  }
  return facts;
}

function enter(facts: Record<string, TupleFacts>, stream: readonly [Segment, ...Segment[]]): void {
  const [{ frame, from, to }] = stream;
  facts[tupleOf(from, to)] ??= { streams: [], lastFrame: 0, ends: { [from]: noFacts(), [to]: noFacts() } };
  const tuple = facts[tupleOf(from, to)] as TupleFacts;
  tuple.streams.push(frame);
  tuple.lastFrame = Math.max(tuple.lastFrame, ...stream.map((segment) => segment.frame));
  for (const end of [from, to]) {
    const sent = stream.filter((segment) => segment.from === end);
    const received = stream.filter((segment) => segment.from !== end);
    enterEnd(tuple.ends[end] as EndFacts, sent, received);
  }
}

function enterEnd(facts: EndFacts, sent: readonly Segment[], received: readonly Segment[]): void {
  facts.segments += sent.length;
  facts.payloadBytes += sent.reduce((sum, { length }) => sum + length, 0);
  const syns = sent.filter(({ flags }) => (flags & (SYN | RST)) === SYN);
  const fins = sent.filter(({ flags }) => (flags & (FIN | SYN | RST)) === FIN);
  const [syn] = syns;
  if (syn !== undefined) facts.syns.push({ frame: syn.frame, copies: syns.length });
  const [fin] = fins;
  if (fin !== undefined) facts.fins.push(finFacts(fin, fins.length, received));
  const reset = sent.find(({ flags }) => (flags & RST) !== 0);
  if (reset !== undefined) facts.resets.push(reset.frame);
}

/** A FIN is acknowledged by its sequence number and one, and by nothing else. */
function finFacts(fin: Segment, copies: number, received: readonly Segment[]): FinFacts {
  const expected = (fin.seq + fin.length + 1) % 2 ** 32;
  const ack = received.find(({ flags, ack }) => (flags & (ACK | RST)) === ACK && ack === expected);
  return { frame: fin.frame, copies, ackFrame: ack?.frame ?? null };
}

/** A router's own recording shows what it forwards twice: the same identification within 1 s, or none of its own within 3 ms. */
function withoutCopies(segments: readonly Segment[]): Segment[] {
  const kept: Segment[] = [];
  const latest = new Map<string, number>();
  for (const segment of segments) {
    const { at, identification, fingerprint } = segment;
    const before = latest.get(fingerprint);
    if (before !== undefined && at - before <= (Number(identification) === 0 ? 0.003 : 1)) continue;
    latest.set(fingerprint, at);
    kept.push(segment);
  }
  return kept;
}

const FIELDS = [
  "frame.number",
  "frame.time_epoch",
  "tcp.stream",
  "ip.src",
  "ipv6.src",
  "tcp.srcport",
  "ip.dst",
  "ipv6.dst",
  "tcp.dstport",
  "tcp.flags",
  "tcp.seq_raw",
  "tcp.ack_raw",
  "tcp.len",
  "ip.id",
  "tcp.window_size_value",
  "tcp.options.timestamp.tsval",
  "tcp.options.timestamp.tsecr",
];

/** All segments whose flags were captured; of several headers in one frame the innermost. */
function segmentsOf(name: string): Segment[] {
  const columns = FIELDS.flatMap((field) => ["-e", field]);
  const args = ["-n", "-r", pathOf(name), "-Y", "tcp.flags && !icmp && !icmpv6", "-T", "fields", "-E", "occurrence=l"];
  const output = execFileSync("tshark", [...args, ...columns], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 2 ** 30,
  });
  return output.split("\n").flatMap((line) => (line === "" ? [] : [segmentOf(line.split("\t"))]));
}

function segmentOf(columns: readonly string[]): Segment {
  const field = (name: string) => columns[FIELDS.indexOf(name)] ?? "";
  const number = (name: string) => Number(field(name));
  const identification = field("ip.id");
  const [, , , ...rest] = columns;
  return {
    frame: number("frame.number"),
    at: number("frame.time_epoch"),
    stream: number("tcp.stream"),
    from: endpointText(field("ip.src") || field("ipv6.src"), number("tcp.srcport")),
    to: endpointText(field("ip.dst") || field("ipv6.dst"), number("tcp.dstport")),
    flags: number("tcp.flags") & 0xff,
    seq: number("tcp.seq_raw"),
    ack: number("tcp.ack_raw"),
    length: number("tcp.len"),
    identification,
    fingerprint: rest.join(),
  };
}
