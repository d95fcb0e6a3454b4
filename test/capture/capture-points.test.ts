import { describe, expect, it } from "vitest";
import { capturePoints, PointFinder, rotationStem } from "../../src/capture/capture-points.ts";

/** [path, first second, last second, link type]; no seconds: no packets. */
type Row = readonly [path: string, first?: number, last?: number, linkType?: string];

function pointsOf(...rows: readonly Row[]): number[] {
  const nanos = (seconds: number | undefined) => (seconds === undefined ? null : seconds * 1e9);
  return capturePoints(
    rows.map(([path, first, last, linkType = "EN10MB"]) => ({
      path,
      linkTypes: [linkType],
      firstAt: nanos(first),
      lastAt: nanos(last),
    })),
  );
}

describe("a capture continues a point", () => {
  it.each<{ name: string; rows: Row[]; points: number[] }>([
    {
      name: "tcpdump -C",
      rows: [
        ["a.pcap", 0, 9],
        ["a.pcap1", 1000, 1009],
        ["a.pcap2", 5000, 5001],
      ],
      points: [0, 0, 0],
    },
    {
      name: "dumpcap -b",
      rows: [
        ["a_00001_2026.pcapng", 0, 9],
        ["a_00002_2027.pcapng", 999, 1000],
      ],
      points: [0, 0],
    },
    {
      name: "tcpdump -G",
      rows: [
        ["t-1795196379.pcap", 0, 9],
        ["t-1795199979.pcap", 3600, 3601],
      ],
      points: [0, 0],
    },
    {
      name: "compressed since",
      rows: [
        ["a.pcap.gz", 0, 9],
        ["a.pcap1", 1000, 1001],
      ],
      points: [0, 0],
    },
    {
      name: "by another name, within a minute",
      rows: [
        ["first.pcap", 0, 9],
        ["second.pcap", 69, 70],
      ],
      points: [0, 0],
    },
    {
      name: "by another name, within a tenth",
      rows: [
        ["first.pcap", 0, 3600],
        ["b.pcap", 3960, 4000],
      ],
      points: [0, 0],
    },
    {
      name: "stepping back a little",
      rows: [
        ["a.pcap", 0, 10],
        ["a.pcap1", 9.1, 20],
      ],
      points: [0, 0],
    },
    { name: "empty, by its name", rows: [["a.pcap", 0, 10], ["a.pcap1"]], points: [0, 0] },
    {
      name: "of the same name rather than a nearer one",
      rows: [
        ["a.pcap", 0, 10],
        ["b.pcap", 5, 15],
        ["a.pcap1", 20, 30],
        ["b.pcap1", 20, 30],
      ],
      points: [0, 1, 0, 1],
    },
  ])("$name", ({ rows, points }) => {
    expect(pointsOf(...rows)).toEqual(points);
  });
});

describe("a capture opens a point", () => {
  it.each<{ name: string; rows: Row[]; points: number[] }>([
    {
      name: "both ends at once",
      rows: [
        ["client.pcap", 0, 10],
        ["server.pcap", 0.001, 10],
      ],
      points: [0, 1],
    },
    {
      name: "both ends at once, by like names",
      rows: [
        ["side1.pcap", 0, 10],
        ["side2.pcap", 0, 10],
      ],
      points: [0, 1],
    },
    {
      name: "both ends for a moment",
      rows: [
        ["side1.pcap", 0, 0.5],
        ["side2.pcap", 0.1, 0.6],
      ],
      points: [0, 1],
    },
    {
      name: "another link type",
      rows: [
        ["a.pcap", 0, 10],
        ["a.pcap1", 11, 20, "LINUX_SLL2"],
      ],
      points: [0, 1],
    },
    {
      name: "by another name, later",
      rows: [
        ["first.pcap", 0, 10],
        ["second.pcap", 71, 80],
      ],
      points: [0, 1],
    },
    {
      name: "of another folder, later",
      rows: [
        ["a/x.pcap", 0, 10],
        ["b/x.pcap1", 999, 1000],
      ],
      points: [0, 1],
    },
    { name: "empty, by another name", rows: [["a.pcap", 0, 10], ["b.pcap"]], points: [0, 1] },
  ])("$name", ({ rows, points }) => {
    expect(pointsOf(...rows)).toEqual(points);
  });
});

describe("names of one rotation", () => {
  it.each([
    ["a.pcap", "a.pcap"],
    ["a.pcap12", "a.pcap"],
    ["dir/a.pcap3.gz", "dir/a.pcap"],
    ["dir1/a_00012_20261120173945.pcapng", "dir1/a__.pcapng"],
  ])("%s is %s", (path, stem) => {
    expect(rotationStem(path)).toBe(stem);
  });
});

describe("while captures are being read", () => {
  const member = (path: string, first: number, last: number, isOpen: boolean) => ({
    path,
    linkTypes: ["EN10MB"],
    firstAt: first * 1e9,
    lastAt: last * 1e9,
    isOpen,
  });

  it("one that is over may be continued, one that is still open is another point", () => {
    const finder = new PointFinder();
    const first = member("a.pcap", 0, 1, true);
    expect(finder.add(first)).toBe(0);
    expect(finder.add(member("b.pcap", 5, 5, true))).toBe(1);
    Object.assign(first, { lastAt: 90e9, isOpen: false });
    expect(finder.add(member("a.pcap1", 80, 80, true))).toBe(2);
    expect(finder.add(member("a.pcap1", 91, 91, true))).toBe(0);
  });
});
