import type { Captured } from "./captured.ts";
import { isIpv6 } from "./endpoint.ts";
import { complaint, type WrittenNumber } from "./line-scanner.ts";
import type { Moment } from "./moment.ts";
import type { IncarnationStatement, SegmentStatement, Statement, WrittenOptions } from "./notation.ts";
import { Numbering } from "./numbering.ts";
import type { Cast, Party } from "./parties.ts";
import type { TcpOptions, TestSegment } from "./segment.ts";

/** Numbers of a pair's two parties, by name. */
type PairNumbers = ReadonlyMap<string, Numbering>;

const IP_ID_MAX = 0xffff;
/** Pairs without ISNs of their own get different ones: equal numbers would make them look like one connection seen twice. */
const ISN_STEP = 1_000_003;
const FIRST_ISN = { lower: 1000, upper: 5000 } as const;

/** Plays statements in order: keeps the clock, every party's IP identification, and every pair's sequence numbers. */
export class Stage {
  readonly #cast: Cast;
  readonly #epoch: bigint;
  readonly #pairs = new Map<string, PairNumbers>();
  readonly #datagramsSent = new Map<string, number>();
  #now = 0n;

  constructor(cast: Cast, epoch: bigint) {
    this.#cast = cast;
    this.#epoch = epoch;
  }

  play(statement: Statement): Captured[] {
    switch (statement.kind) {
      case "segment":
        return [this.#segment(statement)];
      case "other traffic":
        return [{ at: this.#at(statement.moment), otherTraffic: true }];
      case "incarnation":
        this.#rebase(statement);
        return [];
    }
  }

  #segment(statement: SegmentStatement): TestSegment {
    const { flags, length = 0 } = statement;
    const [from, to] = this.#partiesOf(statement);
    const numbers = this.#numbersOf(from, to);
    const own = numbers.get(from.name) as Numbering;
    const other = numbers.get(to.name) as Numbering;

    const seq = statement.seq ?? relative(flags.includes("S") ? 0 : own.next);
    const ack = statement.ack ?? relative(other.next);
    const acknowledges = flags.includes(".");
    own.noteSent(seq, length + count(flags, "S") + count(flags, "F"));
    if (acknowledges) other.noteAcknowledged(ack);

    return {
      at: this.#at(statement.moment),
      from: from.endpoint,
      to: to.endpoint,
      flags,
      seq: own.absolute(seq),
      ack: acknowledges ? other.absolute(ack) : 0,
      length,
      ipId: this.#identification(from, statement.ipId),
      ...(statement.window === undefined ? {} : { window: statement.window }),
      ...(statement.ttl === undefined ? {} : { ttl: statement.ttl }),
      ...(statement.options ? { options: tcpOptions(statement.options, other) } : {}),
    };
  }

  #at({ nanos, relative }: Moment): bigint {
    this.#now = relative ? this.#now + nanos : nanos;
    return this.#epoch + this.#now;
  }

  #partiesOf({ line, from, to }: SegmentStatement): [Party, Party] {
    const parties: [Party, Party] = [this.#party(line, from), this.#party(line, to)];
    const [sender, receiver] = parties;
    if (isIpv6(sender.endpoint.ip) !== isIpv6(receiver.endpoint.ip)) {
      throw complaint(line, `"${from}" and "${to}" have addresses of different versions of IP`);
    }
    return parties;
  }

  #party(line: number, name: string): Party {
    const party = this.#cast.get(name);
    if (!party) throw complaint(line, `expected a party out of ${[...this.#cast.keys()].join(", ")}, found "${name}"`);
    return party;
  }

  #numbersOf(from: Party, to: Party): PairNumbers {
    const key = pairKey(from.name, to.name);
    let numbers = this.#pairs.get(key);
    if (!numbers) {
      const step = this.#pairs.size * ISN_STEP;
      // Whoever is first in the cast, usually the client, has the lower ISN, whoever speaks first.
      const [first, second] = [...this.#cast.values()].filter((party) => party === from || party === to);
      numbers = new Map([
        ...(second ? [[second.name, new Numbering(second.isn ?? FIRST_ISN.upper + step)] as const] : []),
        [(first as Party).name, new Numbering((first as Party).isn ?? FIRST_ISN.lower + step)],
      ]);
      this.#pairs.set(key, numbers);
    }
    return numbers;
  }

  #rebase({ line, isns }: IncarnationStatement): void {
    const [first, second] = isns.map(([name]) => this.#party(line, name).name) as [string, string];
    if (first === second) throw complaint(line, `expected the ISNs of two parties, found "${first}" twice`);
    this.#pairs.set(pairKey(first, second), new Map(isns.map(([name, isn]) => [name, new Numbering(isn)])));
  }

  /** A counter per party from 1, never zero; numbers that were written do not move it. IPv6 has none. */
  #identification({ name, endpoint }: Party, written: number | undefined): number {
    if (written !== undefined) return written;
    if (isIpv6(endpoint.ip)) return 0;
    const sent = this.#datagramsSent.get(name) ?? 0;
    this.#datagramsSent.set(name, sent + 1);
    return (sent % IP_ID_MAX) + 1;
  }
}

function tcpOptions({ sack, ...options }: WrittenOptions, other: Numbering): TcpOptions {
  if (!sack) return options;
  return { ...options, sack: sack.map(([left, right]) => [other.absolute(left), other.absolute(right)] as const) };
}

function relative(value: number): WrittenNumber {
  return { value, absolute: false };
}

function count(flags: string, letter: string): number {
  return flags.includes(letter) ? 1 : 0;
}

function pairKey(one: string, other: string): string {
  return [one, other].sort().join(" ");
}
