/** Capture files as their formats' grammars allow them, and a bit beyond: every field drawn for itself, lengths mostly true. */
import fc from "fast-check";
import { concat, type Endian, padding, u16, u32 } from "../build/octets.ts";
import { Octets } from "./fuzzing.ts";

const endian = fc.constantFrom<Endian>("little", "big");
const word = fc.oneof(
  fc.constantFrom(0, 1, 4, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff),
  fc.nat({ max: 0xffff_ffff }),
);
const short = fc.oneof(fc.constantFrom(0, 1, 0xffff), fc.nat({ max: 0xffff }));
const seconds = fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 600 }).map((n) => 1_700_000_000 + n) }, word);
const octetsOf = (maxLength: number) => fc.uint8Array({ maxLength });
/** What a length field says: mostly what is true. */
const lie = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, fc.integer({ min: -70, max: 70 }), word);
const lied = (length: number, by: number) => (length + by) >>> 0;

/** Link types that are read, some that are not, and anything. */
const linkType = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(0, 1, 9, 101, 105, 113, 127, 149, 228, 239, 258, 276) },
  short,
);

const pcapRecord = fc.record({ seconds, fraction: word, octets: octetsOf(80), captured: lie, original: lie });

/** Several files in a row now and then, as `cat` would join them. */
export function randomPcap(octets: fc.Arbitrary<Uint8Array> = octetsOf(80)): fc.Arbitrary<Octets> {
  const part = fc.record({
    magic: fc.constantFrom(0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34),
    major: fc.oneof({ weight: 20, arbitrary: fc.constant(2) }, short),
    minor: fc.constantFrom(4, 3, 2, 0),
    snapLength: fc.oneof({ weight: 3, arbitrary: fc.constant(262_144) }, word),
    linkType,
    records: fc.array(fc.tuple(pcapRecord, octets), { maxLength: 8 }),
  });
  return fc
    .tuple(endian, fc.array(part, { minLength: 1, maxLength: 3 }))
    .map(([order, parts]) => new Octets(concat(...parts.map((one) => pcapPart(one, order)))));
}

interface PcapPart {
  readonly magic: number;
  readonly major: number;
  readonly minor: number;
  readonly snapLength: number;
  readonly linkType: number;
  readonly records: readonly (readonly [
    { readonly seconds: number; readonly fraction: number; readonly captured: number; readonly original: number },
    Uint8Array,
  ])[];
}

function pcapPart(part: PcapPart, order: Endian): Uint8Array {
  const { magic, major, minor, snapLength, records } = part;
  const header = [u32(magic, order), u16(major, order), u16(minor, order), u32(0), u32(0), u32(snapLength, order)];
  const rest = magic === 0xa1b2cd34 ? new Uint8Array(8) : [];
  return concat(
    ...header,
    u32(part.linkType, order),
    ...records.map(([record, octets]) =>
      concat(
        u32(record.seconds, order),
        u32(record.fraction, order),
        u32(lied(octets.length, record.captured), order),
        u32(lied(octets.length, record.original), order),
        rest,
        octets,
      ),
    ),
  );
}

interface Option {
  readonly code: number;
  readonly value: Uint8Array;
  readonly lie: number;
}

/** Times of interfaces, counters, comments, names; wrong lengths, control codes and what is no UTF-8 among them. */
const option: fc.Arbitrary<Option> = fc.record({
  code: fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 2988, 19372), short),
  value: fc.oneof(
    octetsOf(12),
    fc.constantFrom(9, 6, 0, 20, 127, 0x80, 0xff).map((n) => Uint8Array.of(n)),
    fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)).map((n) => new Uint8Array(BigInt64Array.of(n).buffer)),
    fc.constantFrom("\u001b]0;x\u0007", "a\u202eb\u0000c\r\n", "=1+1", "x".repeat(300)).map(utf8),
  ),
  lie: fc.oneof({ weight: 15, arbitrary: fc.constant(0) }, fc.integer({ min: -8, max: 40 }), short),
});

const nameRecord: fc.Arbitrary<Option> = fc.record({
  code: fc.constantFrom(1, 2, 3, 0x8000, 0),
  value: fc
    .tuple(
      octetsOf(17),
      fc.constantFrom("", "a.example", "\u001b[2J\u202e", "b\u0000c", "x".repeat(300), "__proto__", "=cmd"),
    )
    .map(([address, name]) => concat(address, utf8(`${name}\0`))),
  lie: fc.constantFrom(0, 0, 0, 0, 1, -1, 200),
});

interface Block {
  readonly type: number;
  readonly body: Uint8Array;
  readonly options: readonly Option[];
  readonly lie: number;
  readonly trailerLie: number;
}

const lies = {
  lie: fc.oneof(
    { weight: 30, arbitrary: fc.constant(0) },
    fc.constantFrom(4, -4, 1, 0x0100_0000, 0x7fff_fff0, 0xffff_fff0),
  ),
  trailerLie: fc.oneof({ weight: 30, arbitrary: fc.constant(0) }, fc.constantFrom(4, -4, 0x0100_0000)),
};

function blockOf(order: Endian, octets: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Block> {
  const options = fc.array(option, { maxLength: 4 });
  const interfaceNumber = fc.oneof({ weight: 8, arbitrary: fc.nat({ max: 2 }) }, word);
  const time = fc.tuple(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(0x0006_0a24, 0x0006_0a25) }, word), word);
  const timeOctets = ([high, low]: readonly [number, number]) => concat(u32(high, order), u32(low, order));
  const sectionBody = (byteOrder: number, major: number) =>
    concat(u32(byteOrder, order), u16(major, order), u16(0, order), new Uint8Array(8).fill(0xff));
  const variants: fc.WeightedArbitrary<Omit<Block, "lie" | "trailerLie">>[] = [
    {
      weight: 6,
      arbitrary: fc
        .tuple(interfaceNumber, time, octets, lie, lie, options)
        .map(([number, at, data, captured, original, found]) => ({
          type: 6,
          body: concat(
            u32(number, order),
            timeOctets(at),
            u32(lied(data.length, captured), order),
            u32(lied(data.length, original), order),
            data,
            padding(data.length, 4),
          ),
          options: found,
        })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.nat({ max: 2 }), short, time, octets, lie).map(([number, drops, at, data, captured]) => ({
        type: 2,
        body: concat(
          u16(number, order),
          u16(drops, order),
          timeOctets(at),
          u32(lied(data.length, captured), order),
          u32(data.length, order),
          data,
          padding(data.length, 4),
        ),
        options: [],
      })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(octets, lie).map(([data, original]) => ({
        type: 3,
        body: concat(u32(lied(data.length, original), order), data, padding(data.length, 4)),
        options: [],
      })),
    },
    {
      weight: 3,
      arbitrary: fc.tuple(linkType, word, options).map(([link, snap, found]) => ({
        type: 1,
        body: concat(u16(link, order), u16(0, order), u32(snap, order)),
        options: found,
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(interfaceNumber, time, options)
        .map(([number, at, found]) => ({ type: 5, body: concat(u32(number, order), timeOctets(at)), options: found })),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(nameRecord, { maxLength: 4 })
        .map((names) => ({ type: 4, body: new Uint8Array(), options: names })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom(0x1a2b3c4d, 0x1a2b3c4d, 0x1a2b3c4d, 0x4d3c2b1a, 0),
          fc.constantFrom(1, 1, 1, 1, 2),
          options,
        )
        .map(([byteOrder, major, found]) => ({
          type: 0x0a0d0d0a,
          body: sectionBody(byteOrder, major),
          options: found,
        })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.oneof(fc.constantFrom(9, 10, 0xbad, 0x4000_0bad, 0x204, 7), word), octetsOf(40))
        .map(([type, data]) => ({ type, body: concat(data, padding(data.length, 4)), options: [] })),
    },
  ];
  return fc.tuple(fc.oneof(...variants), fc.record(lies)).map(([block, wrong]) => ({ ...block, ...wrong }));
}

/** A section header and an interface that can be read, then blocks of all types in any order. */
export function randomPcapng(octets: fc.Arbitrary<Uint8Array> = octetsOf(80)): fc.Arbitrary<Octets> {
  return endian
    .chain((order) => fc.tuple(fc.constant(order), fc.array(blockOf(order, octets), { maxLength: 12 })))
    .map(([order, blocks]) => {
      const truly = { options: [], lie: 0, trailerLie: 0 };
      const first: Block = {
        type: 0x0a0d0d0a,
        body: concat(u32(0x1a2b3c4d, order), u16(1, order), u16(0, order), new Uint8Array(8).fill(0xff)),
        ...truly,
      };
      const origin: Block = { type: 1, body: concat(u16(1, order), u16(0, order), u32(0)), ...truly };
      return new Octets(concat(...[first, origin, ...blocks].map((block) => octetsOfBlock(block, order))));
    });
}

function octetsOfBlock({ type, body, options, lie: by, trailerLie }: Block, order: Endian): Uint8Array {
  const list = options.map(({ code, value, lie: wrong }) =>
    concat(u16(code, order), u16((value.length + wrong) & 0xffff, order), value, padding(value.length, 4)),
  );
  const length = body.length + list.reduce((sum, { length }) => sum + length, 0) + 12;
  return concat(
    u32(type, order),
    u32(lied(length, by), order),
    body,
    ...list,
    u32(lied(length, by + trailerLie), order),
  );
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
