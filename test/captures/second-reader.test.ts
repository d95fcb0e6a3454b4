/** `--reader pcap-parser` reads the captures by another's code: the same is told, or refused by one clear line. */
import { describe, expect, it } from "vitest";
import type { Analysis } from "../../src/analysis/model.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { octetsOf, pathOf, RECORDING_NAMES } from "../laws/recordings.ts";

const REFUSED_BY_MAGIC: Readonly<Record<string, string>> = {
  "4d3cb2a1": "pcap-parser reads classic pcap in microseconds only, found magic 4d3cb2a1; use --reader closewait",
  "0a0d0d0a": "pcap-parser reads classic pcap only, this is pcapng; use --reader closewait",
};

const refusalOf = (name: string) => REFUSED_BY_MAGIC[Buffer.from(octetsOf(name).subarray(0, 4)).toString("hex")];

describe("pcap-parser and our own reader lead to the same analysis", () => {
  it.each(RECORDING_NAMES.filter((name) => refusalOf(name) === undefined))("%s", async (name) => {
    const byOther = await analyzeCaptures([pathOf(name)], { flows: "every", reader: "pcap-parser" });
    const byOurs = await analyzeCaptures([pathOf(name)], { flows: "every" });
    expect(byOther).toMatchObject({ options: { reader: "pcap-parser" } });
    expect(withoutReader(byOther)).toBe(withoutReader(byOurs));
  });
});

describe("what pcap-parser cannot read it refuses in one line", () => {
  it.each(RECORDING_NAMES.filter((name) => refusalOf(name) !== undefined))("%s", async (name) => {
    const reading = analyzeCaptures([pathOf(name)], { reader: "pcap-parser" });
    await expect(reading).rejects.toThrow(
      expect.objectContaining({ code: "unsupported", message: `${pathOf(name)}: ${refusalOf(name)}` }),
    );
  });
});

/** Order of fields included. */
function withoutReader({ options: { reader: _, ...options }, ...rest }: Analysis): string {
  return JSON.stringify({ ...rest, options }, null, 1);
}
