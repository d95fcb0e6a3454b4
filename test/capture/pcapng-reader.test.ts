import { describe, expect, it } from "vitest";
import { PcapngReader } from "../../src/capture/pcapng-reader.ts";
import { type CaptureFrame, pcapngFile } from "../build/captures.ts";
import { concat, u64 } from "../build/octets.ts";
import { block, ETHERNET, option, SECTION, words } from "./pcapng-blocks.ts";
import { readPcapng, readRecords } from "./read-records.ts";

const START = 1_700_000_000_123_456_789n;
const SECOND = 1_000_000_000n;
const FRAMES: readonly CaptureFrame[] = [
  { at: START, octets: Uint8Array.of(1, 2, 3) },
  { at: START + 2n * SECOND + 1n, octets: Uint8Array.of(4), originalLength: 1500 },
  { at: START - 1_000n, octets: new Uint8Array(0) },
];

const packet = (interfaceNumber: number, micros: number, options: Uint8Array = new Uint8Array(0)) =>
  block(6, concat(words(interfaceNumber, 0, micros, 4, 4), [7, 7, 7, 7], options));
const problemOf = (...parts: Uint8Array[]) => readPcapng(concat(SECTION, ETHERNET, ...parts)).problems;

describe("every byte order and resolution", () => {
  const resolutions: readonly [name: string, tsresol: number | undefined, ticksPerSecond: bigint][] = [
    ["default, µs", undefined, 10n ** 6n],
    ["s", 0, 1n],
    ["ms", 3, 10n ** 3n],
    ["ns", 9, 10n ** 9n],
    ["100 ns", 7, 10n ** 7n],
    ["100 ps", 10, 10n ** 10n],
    ["2^-9 s", 0x89, 2n ** 9n],
    ["2^-20 s", 0x94, 2n ** 20n],
    ["2^-31 s", 0x9f, 2n ** 31n],
  ];
  const rows = (["little", "big"] as const).flatMap((endian) => resolutions.map((row) => [endian, ...row] as const));

  it.each(rows)("%s-endian, %s", (endian, _name, tsresol, ticksPerSecond) => {
    const cut = (nanos: bigint) => (((nanos * ticksPerSecond) / SECOND) * SECOND) / ticksPerSecond;
    const reading = readPcapng(pcapngFile(FRAMES, tsresol === undefined ? { endian } : { endian, tsresol }));
    expect(reading.firstNanos).toBe(cut(START));
    expect(reading.records.map(({ time }) => BigInt(time))).toEqual(FRAMES.map(({ at }) => cut(at) - cut(START)));
    expect(reading.records.map(({ octets }) => octets)).toEqual(["010203", "04", ""]);
    expect(reading.records.map(({ originalLength }) => originalLength)).toEqual([3, 1500, 0]);
    expect(reading.problems).toEqual([]);
  });

  it.each([3n, -3n, 1_600_000_000n])("if_tsoffset of %i s", (tsoffset) => {
    const reading = readPcapng(pcapngFile(FRAMES, { tsresol: 9, tsoffset }));
    expect(reading.firstNanos).toBe(START);
    expect(reading.records.map(({ time }) => time)).toEqual([0, 2_000_000_001, -1_000]);
  });
});

describe("sections and interfaces", () => {
  it("each packet is read by its own interface", () => {
    const frames = FRAMES.map((frame, index) => ({ ...frame, interface: index % 2 }));
    const interfaces = [{ tsresol: 9 }, { linkType: "LINUX_SLL2", tsresol: 6 }] as const;
    const reading = readPcapng(pcapngFile(frames, { interfaces }));
    expect(reading.linkTypes).toEqual([1, 276]);
    expect(reading.records.map(({ linkType, time }) => [linkType, time])).toEqual([
      [1, 0],
      [276, 2_000_000_001 - 790], // its microseconds end before the nanoseconds of the first one
      [1, -1_000],
    ]);
  });

  it("sections of both byte orders follow each other; frames count on", () => {
    const reading = readPcapng(pcapngFile(FRAMES, { sections: ["little", "big", "little"], tsresol: 9 }));
    expect(reading.records.map(({ frame, time }) => [frame, time])).toEqual([
      [1, 0],
      [2, 2_000_000_001],
      [3, -1_000],
    ]);
  });

  it("a new section forgets the interfaces of the one before", () => {
    const reading = readPcapng(concat(SECTION, ETHERNET, packet(0, 1), SECTION, packet(0, 2), packet(0, 3)));
    expect(reading.records.map(({ frame }) => frame)).toEqual([1]);
    const message = "record 2 names interface 0, which its section does not declare: passed over";
    expect(reading.problems).toEqual([{ kind: "unknown-interface", count: 2, message }]);
  });

  it("blocks that nobody knows, names and comments are passed over", () => {
    const commented = FRAMES.map((frame) => ({ ...frame, comment: "a comment" }));
    const nameResolution = [{ ip: "10.0.0.1", names: ["a.example"] }];
    const reading = readPcapng(pcapngFile(commented, { unknownBlocks: true, nameResolution }));
    expect(reading.records).toEqual(readPcapng(pcapngFile(FRAMES)).records);
    expect(reading.problems).toEqual([]);
  });

  it("an unknown block of any size is not buffered", () => {
    const reader = new PcapngReader("a.pcapng");
    reader.push(concat(SECTION, words(0x0bad, 0xffff_fff0)));
    expect(reader.next()).toBe(false);
    const chunk = new Uint8Array(1024 * 1024);
    for (let megabyte = 0; megabyte < 64; megabyte++) {
      reader.push(chunk);
      expect(reader.next()).toBe(false);
    }
    reader.finish();
    const message =
      "ends inside block 2 (needed 4,294,967,280 octets, had 67,108,872, at byte 28): analyzed up to there";
    expect(reader.problems).toEqual([{ kind: "cut-short", count: 1, message }]);
  });
});

describe("other kinds of packet blocks", () => {
  it("simple packets are cut to the snapshot length and have the time of the record before", () => {
    const simple = block(3, concat(words(1500), new Uint8Array(96)));
    const reading = readPcapng(concat(SECTION, block(1, words(1, 96)), packet(0, 5), packet(0, 7), simple, simple));
    expect(
      reading.records.map(({ time, originalLength, octets }) => [time, originalLength, octets.length / 2]),
    ).toEqual([
      [0, 4, 4],
      [2_000, 4, 4],
      [2_000, 1500, 96],
      [2_000, 1500, 96],
    ]);
    const message = "simple packet blocks carry no time: each was given the time of the record before it";
    expect(reading.problems).toEqual([{ kind: "no-time", count: 2, message }]);
  });

  it("simple packets alone have no first time", () => {
    const whole = FRAMES.map(({ at, octets }) => ({ at, octets }));
    const reading = readPcapng(pcapngFile(whole, { simplePackets: true }));
    expect(reading.firstNanos).toBeNull();
    expect(reading.records.map(({ time }) => time)).toEqual([0, 0, 0]);
  });

  it("the obsolete packet block has a short interface number and counts drops", () => {
    const old = (drops: number) => block(2, concat(words(drops << 16, 0, 9, 4, 60), [1, 2, 3, 4]));
    const reading = readPcapng(concat(SECTION, ETHERNET, old(2), old(0xffff), old(3)));
    expect(reading.records[0]).toEqual({ frame: 1, time: 0, linkType: 1, originalLength: 60, octets: "01020304" });
    expect(reading.records).toHaveLength(3);
    expect(reading.dropped).toBe(5);
  });
});

describe("drop counters and the end of observation", () => {
  const statistics = (interfaceNumber: number, ...options: Uint8Array[]) =>
    block(5, concat(words(interfaceNumber, 0, 0), ...options));
  const counter = (code: number, value: bigint) => option(code, u64(value, "little"));
  const read = (...blocks: Uint8Array[]) => readPcapng(concat(SECTION, ETHERNET, ETHERNET, ...blocks));

  it("say nothing unless the file does", () => {
    expect(read()).toMatchObject({ dropped: null, endNanos: null });
    expect(read(statistics(0, counter(4, 1000n)))).toMatchObject({ dropped: null, endNanos: null });
  });

  it("are cumulative: the latest of each interface, isb_ifdrop and isb_osdrop summed", () => {
    const early = statistics(0, counter(5, 3n));
    const late = statistics(0, counter(5, 10n), counter(7, 1n));
    const other = statistics(1, counter(7, 100n));
    expect(read(early, late, other).dropped).toBe(111);
    expect(readPcapng(concat(SECTION, ETHERNET, late, SECTION, ETHERNET, early)).dropped).toBe(14);
  });

  it("epb_dropcount counts the same losses between packets: the larger of both counts, for each interface", () => {
    const lossy = packet(0, 1, option(4, u64(6n, "little")));
    expect(read(lossy, lossy).dropped).toBe(12);
    expect(read(lossy, lossy, statistics(0, counter(5, 0n))).dropped).toBe(12);
    expect(read(lossy, lossy, statistics(0, counter(5, 13n), counter(7, 1n))).dropped).toBe(14);
    expect(read(lossy, lossy, statistics(1, counter(5, 1n))).dropped).toBe(13);
    expect(read(lossy, SECTION, ETHERNET, lossy).dropped).toBe(12);
  });

  it("the latest isb_endtime is the end, in the interface's resolution", () => {
    const endTime = START + 60n * SECOND;
    const reading = readPcapng(pcapngFile(FRAMES, { interfaces: [{ tsresol: 9, endTime }, { endTime: START }] }));
    expect(reading.endNanos).toBe(endTime);
  });

  it("dumpcap's end in microseconds is understood although the interface counts nanoseconds", () => {
    const micros = START / 1000n + 60_000_000n;
    const end = option(3, words(Number(micros >> 32n), Number(micros & 0xffff_ffffn)));
    const file = concat(pcapngFile(FRAMES, { tsresol: 9 }), statistics(0, end));
    expect(readPcapng(file).endNanos).toBe(micros * 1000n);
  });
});

describe("what is broken ends the capture there", () => {
  it.each([
    {
      name: "a captured length above the plausible",
      broken: block(6, words(0, 0, 0, 262_145, 262_145)),
      kind: "absurd-length",
      message: "record 2 at byte 84 declares 262,145 captured octets (at most 262,144 are plausible)",
    },
    {
      name: "a captured length beyond the block",
      broken: block(6, words(0, 0, 0, 5, 5, 0)),
      kind: "corrupt-block",
      message: "block 4 at byte 84 declares a length of 36 octets",
    },
    {
      name: "a packet block without its fields",
      broken: block(6, words(0)),
      kind: "corrupt-block",
      message: "block 4 at byte 84 declares a length of 16 octets",
    },
    {
      name: "a block shorter than a block",
      broken: words(0x0bad, 8, 8),
      kind: "corrupt-block",
      message: "block 4 at byte 84 declares a length of 8 octets",
    },
    {
      name: "a length that is no multiple of four",
      broken: words(6, 33),
      kind: "corrupt-block",
      message: "block 4 at byte 84 declares a length of 33 octets",
    },
    {
      name: "a packet block beyond the cap",
      broken: words(6, 0x7fff_fff0),
      kind: "absurd-length",
      message: "block 4 at byte 84 declares a length of 2,147,483,632 octets (at most 17,825,792 are plausible)",
    },
    {
      name: "lengths that differ at both ends of a block",
      broken: block(6, words(0, 0, 0, 0, 0), "little", 40),
      kind: "corrupt-block",
      message: "block 4 at byte 84 declares a length of 32 octets",
    },
    {
      name: "a section without byte order",
      broken: block(0x0a0d0d0a, words(0x11223344, 1, 0, 0)),
      kind: "corrupt-block",
      message: "expected byte-order magic 1a2b3c4d, found 44332211 in block 4 at byte 84",
    },
    {
      name: "a section of another version",
      broken: block(0x0a0d0d0a, words(0x1a2b3c4d, 2, 0, 0)),
      kind: "unsupported-section",
      message: "expected pcapng version 1.x, found 2.0 in block 4 at byte 84",
    },
  ])("$name", ({ broken, kind, message }) => {
    const reading = readPcapng(concat(SECTION, ETHERNET, packet(0, 1), broken, packet(0, 2)));
    expect(reading.records).toHaveLength(1);
    expect(reading.cutShort).toBe(false);
    expect(reading.problems).toEqual([{ kind, count: 1, message: `${message}: analyzed up to there` }]);
  });

  it("a broken option costs only itself and those behind it", () => {
    const overlong = option(4, u64(6n, "little"), 60);
    expect(problemOf(packet(0, 1, overlong), packet(0, 2, overlong))).toEqual([
      {
        kind: "bad-option",
        count: 2,
        message: "an option of block 3 at byte 48 is longer than its block: ignored, with those behind it",
      },
    ]);
  });

  it("interfaces without end are not collected", () => {
    const file = concat(SECTION, ...Array.from({ length: 65_537 }, () => ETHERNET));
    const message = "block 65,538 at byte 1,310,748 declares another interface after 65,536: analyzed up to there";
    expect(readPcapng(file).problems).toEqual([{ kind: "too-many-interfaces", count: 1, message }]);
  });
});

describe("a first block that is unusable", () => {
  it.each([
    ["not-a-capture", words(6, 32, 0), "a.pcapng: expected a pcapng section header (0a0d0d0a) at byte 0"],
    [
      "corrupt",
      block(0x0a0d0d0a, words(0, 1, 0, 0)),
      "a.pcapng: expected byte-order magic 1a2b3c4d, found 00000000 at byte 8",
    ],
    [
      "corrupt",
      words(0x0a0d0d0a, 13, 0x1a2b3c4d),
      "a.pcapng: the section header declares a length of 13 octets at byte 4",
    ],
    [
      "unsupported",
      block(0x0a0d0d0a, words(0x1a2b3c4d, 3, 0, 0)),
      "a.pcapng: expected pcapng version 1.x, found 3.0 at byte 12",
    ],
  ])("%s", (code, octets, message) => {
    const reader = new PcapngReader("a.pcapng");
    expect(() => readRecords(reader, [octets])).toThrow(expect.objectContaining({ code, message, file: "a.pcapng" }));
  });
});
