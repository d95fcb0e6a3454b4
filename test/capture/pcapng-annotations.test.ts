import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { addressOctets } from "../build/endpoint.ts";
import { concat, u16, u32 } from "../build/octets.ts";
import { block, ETHERNET, option, SECTION, words } from "./pcapng-blocks.ts";
import { readPcapng } from "./read-records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const packet = (octet: number, ...options: Uint8Array[]) =>
  block(6, concat(words(0, 0, octet, 1, 1), [octet, 0, 0, 0], ...options));
const text = (value: string) => new TextEncoder().encode(value);
const comment = (value: string) => option(1, text(value));
const read = (...blocks: Uint8Array[]) => readPcapng(concat(SECTION, ETHERNET, ...blocks));
const frames = (...blocks: Uint8Array[]) => read(...blocks).records.map(({ frame }) => frame);

describe("blocks without packets are passed over and counted; some have a frame number, as in Wireshark", () => {
  const enterprise = words(32_473, 0);
  it.each([
    [7, "time stamp", false],
    [8, "avionics (ARINC 429)", false],
    [9, "systemd journal", true],
    [10, "decryption secrets", false],
    [0x101, "Hone process", false],
    [0x102, "Hone connection", false],
    [0x201, "sysdig", false],
    [0x204, "sysdig", true],
    [0x216, "sysdig", true],
    [0x0bad, "custom", true],
    [0x40000bad, "custom", true],
    [0x80000001, "local use", false],
    [0x7777, "unknown", false],
    [0, "unknown", false],
  ])("type %i: %s", (type, name, isFrame) => {
    const reading = read(packet(1), block(type, enterprise), packet(2));
    expect(reading.records.map(({ frame, octets }) => [frame, octets])).toEqual([
      [1, "01"],
      [isFrame ? 3 : 2, "02"],
    ]);
    expect(reading.annotations?.otherBlocks).toEqual(new Map([[name, 1]]));
    expect(reading.problems).toEqual([]);
  });
});

describe("tshark, where it is installed, gives the packets the same frame numbers", () => {
  const isHere = spawnSync("tshark", ["--version"]).status === 0;
  const others = [
    block(7, words(0, 0)),
    block(8, words(0, 0)),
    block(9, text("__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=a message\n\0\0")),
    block(10, concat(words(0x544c534b, 4), text("key\n"))),
    block(0x0bad, words(32_473, 0)),
    block(0x40000bad, words(32_473, 0)),
    block(0x80000001, words(0)),
    block(0x7777, words(0)),
  ];
  it.runIf(isHere)("around other blocks", async () => {
    const file = concat(SECTION, ETHERNET, packet(1), ...others.flatMap((other, index) => [other, packet(index + 2)]));
    const path = join(await temporaryFolder(), "a.pcapng");
    await writeFile(path, file);
    const fields = ["-T", "fields", "-e", "frame.number", "-Y", "frame.len == 1"];
    const { stdout } = spawnSync("tshark", ["-r", path, ...fields], { encoding: "utf8" });
    expect(stdout.trim().split(/\s+/).map(Number)).toEqual(readPcapng(file).records.map(({ frame }) => frame));
  });
});

describe("options", () => {
  it("behind opt_endofopt nothing is one", () => {
    const end = option(0, new Uint8Array(0));
    expect(read(packet(1, comment("read"), end, words(-1, -1))).annotations?.comments).toHaveLength(1);
    expect(read(packet(1, end, words(-1, -1))).problems).toEqual([]);
  });

  it("custom and unknown ones are passed over; a custom one begins with a number of four octets", () => {
    const custom = [2988, 2989, 19372, 19373].map((code) => option(code, concat(u32(32_473, "little"), [1])));
    expect(read(packet(1, ...custom, option(0x7fff, new Uint8Array(9)))).problems).toEqual([]);
    const message = "an option of block 3 at byte 48 has a wrong length: ignored";
    expect(read(packet(1, option(2988, Uint8Array.of(1)), comment("still read")))).toMatchObject({
      problems: [{ kind: "bad-option", count: 1, message }],
      annotations: { comments: [{ text: "still read" }] },
    });
  });

  it.each([
    ["if_tsresol", concat(SECTION, block(1, concat(words(1, 0), option(9, Uint8Array.of(9, 9)))))],
    ["if_tsoffset", concat(SECTION, block(1, concat(words(1, 0), option(14, new Uint8Array(4)))))],
    ["isb_osdrop", concat(SECTION, ETHERNET, block(5, concat(words(0, 0, 0), option(7, new Uint8Array(4)))))],
    ["epb_dropcount", concat(SECTION, ETHERNET, packet(1, option(4, new Uint8Array(4))))],
  ])("%s of a wrong length is ignored and counted", (_name, file) => {
    expect(readPcapng(concat(file, packet(2)))).toMatchObject({
      firstNanos: expect.anything(),
      dropped: null,
      problems: [{ kind: "bad-option", count: 1 }],
    });
  });
});

describe("comments", () => {
  const section = block(0x0a0d0d0a, concat(words(0x1a2b3c4d, 1, -1, -1), comment("taken on web-3")));
  const ethernet = block(1, concat(words(1, 0), comment("uplink"), comment("again")));

  it("are on the capture, on interfaces and on packets, any number of them", () => {
    const file = concat(section, ETHERNET, ethernet, packet(1), packet(2, comment("here"), comment("and here")));
    expect(readPcapng(file).annotations?.comments).toEqual([
      { on: "capture", interface: null, frame: null, text: "taken on web-3" },
      { on: "interface", interface: 1, frame: null, text: "uplink" },
      { on: "interface", interface: 1, frame: null, text: "again" },
      { on: "packet", interface: null, frame: 2, text: "here" },
      { on: "packet", interface: null, frame: 2, text: "and here" },
    ]);
  });

  it("are one line each, without control codes; empty ones are none", () => {
    const spoken = (value: string) => read(packet(1, comment(value))).annotations?.comments.map((told) => told.text);
    expect(spoken("two\r\nlines\tand \u001b[2Jmore \u0000")).toEqual(["two lines and [2Jmore"]);
    expect(spoken(" \n")).toEqual([]);
  });

  it("are kept up to a limit, in number and in length", () => {
    const long = packet(1, comment("x".repeat(65_535)));
    const { annotations } = read(long, ...Array.from({ length: 1500 }, () => packet(2, comment("y"))));
    expect(annotations?.comments).toHaveLength(1000);
    expect(annotations?.comments[0]?.text).toHaveLength(4096);
    expect(annotations?.commentsLeftOut).toBe(501);
  });
});

describe("host names", () => {
  const record = (type: number, value: Uint8Array, length?: number) => option(type, value, length);
  const named = (ip: string, ...names: string[]) =>
    record(ip.includes(":") ? 2 : 1, concat(addressOctets(ip), ...names.map((name) => text(`${name}\0`))));
  const END = concat(u16(0, "little"), u16(0, "little"));
  const names = (...records: Uint8Array[]) => {
    const { annotations, problems } = read(packet(1), block(4, concat(...records)), packet(2));
    const hostNames = annotations?.hostNames.map(({ address, name }) => [[...address].join("."), name]);
    return { hostNames, problems };
  };

  it("of IPv4 and IPv6 addresses; the first one counts, in a record and among records", () => {
    expect(
      names(named("10.0.0.1", "a.example", "b.example"), named("2001:db8::1", "c"), named("10.0.0.1", "d"), END),
    ).toEqual({
      hostNames: [
        ["10.0.0.1", "a.example"],
        ["32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1", "c"],
      ],
      problems: [],
    });
  });

  it("of MAC addresses, of unknown kinds and behind the end are none", () => {
    const mac = record(3, concat([2, 0, 0, 0, 0, 1], text("mac.example\0")));
    const behind = named("10.0.0.9", "behind");
    expect(names(mac, record(99, Uint8Array.of(1)), END, behind)).toEqual({ hostNames: [], problems: [] });
  });

  it("have no control codes, and at most 255 octets, also without the zero they should end in", () => {
    const unended = record(1, concat(addressOctets("10.0.0.2"), text("n".repeat(1000))));
    expect(names(named("10.0.0.1", "evil\u001b[2J\nname"), unended, named("10.0.0.3", "")).hostNames).toEqual([
      ["10.0.0.1", "evil [2J name"],
      ["10.0.0.2", "n".repeat(255)],
    ]);
  });

  it.each([
    [
      "longer than its block",
      record(1, Uint8Array.of(10, 0), 60),
      "is longer than its block: ignored, with those behind it",
    ],
    ["too short for a name", record(2, new Uint8Array(16)), "has a wrong length: ignored"],
  ])("a record %s is ignored and counted", (_name, broken, what) => {
    const message = `a name record of block 4 at byte 84 ${what}`;
    expect(names(named("10.0.0.1", "a"), broken)).toEqual({
      hostNames: [["10.0.0.1", "a"]],
      problems: [{ kind: "bad-option", count: 1, message }],
    });
  });

  it("are kept up to a limit", () => {
    const address = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
    const many = Array.from({ length: 66_000 }, (_, index) => named(address(index), "n"));
    expect(read(block(4, concat(...many))).annotations?.hostNames).toHaveLength(65_536);
  });
});

it("numbers frames over all sections", () => {
  expect(frames(packet(1), block(9, text("MESSAGE=")), SECTION, ETHERNET, packet(2))).toEqual([1, 3]);
});
