import { describe, expect, it } from "vitest";
import { missingFiles } from "../../src/capture/rotation.ts";

/** Paths in the order of their first records. */
const missing = (...paths: string[]) =>
  missingFiles(paths).map(
    ({ before, after, message }) => `${paths[before]} … ${paths[after]}: ${message.replace(/:.*/, "")}`,
  );

describe("a file that is missing from a numbered rotation is told", () => {
  it.each([
    ["tcpdump -C", ["a.pcap", "a.pcap1", "a.pcap3"], "a.pcap1 … a.pcap3: number 2 of its rotation is missing"],
    ["its first one has no number", ["a.pcap", "a.pcap2"], "a.pcap … a.pcap2: number 1 of its rotation is missing"],
    [
      "-W, zero-padded",
      ["a.cap07", "a.cap08", "a.cap12"],
      "a.cap08 … a.cap12: numbers 9 to 11 of its rotation are missing",
    ],
    ["compressed since", ["a.pcap1.gz", "a.pcap3"], "a.pcap1.gz … a.pcap3: number 2 of its rotation is missing"],
    [
      "dumpcap -b",
      ["d/a_00001_20261120173939.pcapng", "d/a_00003_20261120174939.pcapng"],
      "d/a_00001_20261120173939.pcapng … d/a_00003_20261120174939.pcapng: number 2 of its rotation is missing",
    ],
    [
      "dumpcap -b nametimenum:2",
      ["a_20261120173939_00009.pcap", "a_20261120174939_00011.pcap"],
      "a_20261120173939_00009.pcap … a_20261120174939_00011.pcap: number 10 of its rotation is missing",
    ],
  ])("%s", (_name, paths, message) => {
    expect(missing(...paths)).toEqual([message]);
  });

  it("in each rotation by itself", () => {
    expect(missing("a.pcap1", "b.pcap2", "a.pcap2", "b.pcap3", "x/a.pcap4")).toEqual([]);
  });
});

describe("nothing is missing", () => {
  it.each([
    [
      "from a whole rotation, in any order of names",
      ["a.pcap", "a.pcap1", "a.pcap2", "a.pcap10", "a.pcap9"].slice(0, 3),
    ],
    ["in front of the first or behind the last one", ["a.pcap7", "a.pcap8"]],
    [
      "where a ring begins again: 3 was overwritten last, or is about to be",
      ["a.pcap4", "a.pcap5", "a.pcap1", "a.pcap2"],
    ],
    [
      "from names that are dates: tcpdump -G",
      ["a-1000.pcap", "a-1100.pcap", "a_20261120100000.pcap", "a_20261122100000.pcap"],
    ],
    ["from names without numbers", ["client.pcap", "server.pcap", "-", "(memory)"]],
  ])("%s", (_name, paths) => {
    expect(missing(...paths)).toEqual([]);
  });
});
