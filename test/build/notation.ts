/** The text of a conversation, line by line, to statements. Knows the grammar only; `conversation.ts` gives it a meaning. */
import { complaint, LineScanner, type WrittenNumber } from "./line-scanner.ts";
import { type Moment, parseMoment } from "./moment.ts";
import { flagBits } from "./tcp.ts";

export type Statement = SegmentStatement | OtherTrafficStatement | IncarnationStatement;

/** `0.100  c > s  [P.]  seq 1:101  ack 1  win 502  <TS val 100 ecr 0>` */
export interface SegmentStatement {
  readonly kind: "segment";
  readonly line: number;
  readonly moment: Moment;
  readonly from: string;
  readonly to: string;
  readonly flags: string;
  readonly seq?: WrittenNumber;
  readonly length?: number;
  readonly ack?: WrittenNumber;
  readonly window?: number;
  readonly ipId?: number;
  readonly ttl?: number;
  readonly options?: WrittenOptions;
}

/** `10m  --  other traffic` */
export interface OtherTrafficStatement {
  readonly kind: "other traffic";
  readonly line: number;
  readonly moment: Moment;
}

/** `--- isn c 900000 s 700000` */
export interface IncarnationStatement {
  readonly kind: "incarnation";
  readonly line: number;
  readonly isns: readonly (readonly [party: string, isn: number])[];
}

export interface WrittenOptions {
  readonly mss?: number;
  readonly sackPermitted?: boolean;
  readonly timestamps?: { readonly value: number; readonly echo: number };
  readonly windowScale?: number;
  /** Edges count from the other party's ISN. */
  readonly sack?: readonly (readonly [left: WrittenNumber, right: WrittenNumber])[];
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

export function parseNotation(text: string): Statement[] {
  return text.split("\n").flatMap((line, index) => {
    const content = line.replace(/#.*$/, "").trim();
    return content === "" ? [] : [parseLine(new LineScanner(content, index + 1))];
  });
}

function parseLine(scan: LineScanner): Statement {
  if (scan.try(/---/y)) return parseIncarnation(scan);
  const word = scan.take(/\S+/y, "a time")[0];
  const moment = parseMoment(word);
  if (!moment) throw scan.expected('a time such as "0.040", "+0.040" or "1m0.5s"', word);
  if (scan.try(/--/y)) {
    scan.take(/other traffic/y, '"other traffic"');
    scan.end();
    return { kind: "other traffic", line: scan.line, moment };
  }
  return parseSegment(scan, moment);
}

function parseIncarnation(scan: LineScanner): IncarnationStatement {
  scan.take(/isn\b/y, '"isn"');
  const isn = (): [string, number] => [scan.party(), scan.uint(32)];
  const isns = [isn(), isn()];
  scan.end();
  return { kind: "incarnation", line: scan.line, isns };
}

function parseSegment(scan: LineScanner, moment: Moment): SegmentStatement {
  const from = scan.party();
  scan.take(/>/y, '">"');
  const to = scan.party();
  const flags = parseFlags(scan);
  const statement: Writable<SegmentStatement> = { kind: "segment", line: scan.line, moment, from, to, flags };
  const seen = new Set<string>();
  while (!scan.atEnd()) {
    const name = scan.take(/seq\b|ack\b|win\b|id\b|ttl\b|length\b|</y, ATTRIBUTES)[0];
    if (seen.has(name)) throw complaint(scan.line, `"${name}" is given twice`);
    seen.add(name);
    parseAttribute(scan, name, statement);
  }
  if (statement.ack && !flags.includes(".")) throw complaint(scan.line, `"ack" needs the flag "."`);
  return statement;
}

const ATTRIBUTES = '"seq", "ack", "win", "id", "ttl", "length" or "<"';

function parseAttribute(scan: LineScanner, name: string, statement: Writable<SegmentStatement>): void {
  switch (name) {
    case "seq":
      parseSequence(scan, statement);
      return;
    case "ack":
      statement.ack = scan.sequenceNumber();
      return;
    case "win":
      statement.window = scan.uint(16);
      return;
    case "id":
      statement.ipId = scan.uint(16);
      return;
    case "ttl":
      statement.ttl = scan.uint(8);
      return;
    case "length":
      setLength(scan, statement, scan.uint(24));
      return;
    case "<":
      statement.options = parseOptions(scan);
  }
}

/** `seq 1:101` says the length too; `seq =1:101` counts both from zero. */
function parseSequence(scan: LineScanner, statement: Writable<SegmentStatement>): void {
  const seq = scan.sequenceNumber();
  statement.seq = seq;
  if (!scan.try(/:/y)) return;
  const end = Number(scan.take(/-?\d+/y, "the end of the range")[0]);
  if (end < seq.value) throw complaint(scan.line, `the range ${seq.value}:${end} ends before it begins`);
  setLength(scan, statement, end - seq.value);
}

function setLength(scan: LineScanner, statement: Writable<SegmentStatement>, length: number): void {
  if (statement.length !== undefined && statement.length !== length) {
    throw complaint(scan.line, `the range has ${statement.length} octets and "length" says ${length}`);
  }
  statement.length = length;
}

/** `[none]` is what tcpdump prints when no flag is set. */
function parseFlags(scan: LineScanner): string {
  const flags = scan.take(/\[([^\]]*)\]/y, 'flags such as "[S.]"')[1] as string;
  if (flags === "none") return "";
  if (flags === "") throw scan.expected('flags such as "[S.]", or "[none]"', "[]");
  try {
    flagBits(flags);
  } catch (error) {
    throw complaint(scan.line, (error as Error).message);
  }
  return flags;
}

function parseOptions(scan: LineScanner): WrittenOptions {
  const options: Writable<WrittenOptions> = {};
  do {
    const name = scan.take(/mss\b|sackOK\b|TS\b|wscale\b|sack\b|nop\b|eol\b/y, OPTIONS)[0];
    if (name === "mss") options.mss = scan.uint(16);
    if (name === "sackOK") options.sackPermitted = true;
    if (name === "wscale") options.windowScale = scan.uint(8);
    if (name === "TS") options.timestamps = parseTimestamps(scan);
    if (name === "sack") options.sack = parseSack(scan);
  } while (scan.try(/,/y));
  scan.take(/>/y, '"," or ">"');
  return options;
}

const OPTIONS = '"mss", "sackOK", "TS", "wscale", "sack", "nop" or "eol"';

function parseTimestamps(scan: LineScanner): { value: number; echo: number } {
  scan.take(/val\b/y, '"val"');
  const value = scan.uint(32);
  scan.take(/ecr\b/y, '"ecr"');
  return { value, echo: scan.uint(32) };
}

/** `sack 2 {1:101}{201:301}` */
function parseSack(scan: LineScanner): [WrittenNumber, WrittenNumber][] {
  return Array.from({ length: scan.uint(3) }, () => {
    scan.take(/\{/y, '"{"');
    const left = scan.sequenceNumber();
    scan.take(/:/y, '":"');
    const right = { value: Number(scan.take(/-?\d+/y, "the right edge")[0]), absolute: left.absolute };
    scan.take(/\}/y, '"}"');
    return [left, right];
  });
}
