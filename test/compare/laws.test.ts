/** What must hold whatever is captured. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { compareCaptures } from "../../src/questions.ts";
import { pcapFile } from "../build/captures.ts";
import { compared, twoPoints } from "./two-points.ts";

const LINES = [
  "0.000  c > s  [S]",
  "0.010  s > c  [S.]  seq 0  ack 1",
  "0.020  c > s  [.]  seq 1  ack 1",
  "0.100  c > s  [P.]  seq 1:101  ack 1",
  "0.120  s > c  [P.]  seq 1:201  ack 101",
  "0.140  c > s  [.]  seq 101  ack 201",
  "1.000  c > s  [F.]  seq 101  ack 201",
  "1.020  s > c  [.]  seq 201  ack 102",
  "2.000  s > c  [F.]  seq 201  ack 102",
  "2.020  c > s  [.]  seq 102  ack 202",
  "9.000  --  other traffic",
];

const remark = fc.constantFrom("", "", "", "# lost", "# not at A", "# not at B");
const scene = fc
  .array(remark, { minLength: LINES.length - 1, maxLength: LINES.length - 1 })
  .map((remarks) => LINES.map((line, index) => `${line}  ${remarks[index] ?? ""}`).join("\n"));

it("what is told does not depend on the clocks", async () => {
  await fc.assert(
    fc.asyncProperty(scene, fc.integer({ min: -1_000_000, max: 1_000_000 }), async (text, offset) => {
      const tell = async (seconds: number) => {
        const { totals, losses, flows, clock } = await compared(text, { offset: seconds });
        const known = flows.map(({ a, b, verdict, clientAt }) => [a?.verdict, b?.verdict, verdict, clientAt]);
        return { totals, losses, known, isMeasured: clock !== null };
      };
      const [shifted, plain] = [await tell(offset / 1000), await tell(0)];
      // Where no segment tells how the clocks differ, they are taken to be right.
      if (plain.isMeasured && shifted.isMeasured) expect(shifted).toEqual(plain);
    }),
    { numRuns: 60 },
  );
});

it("what is let go while it is read changes nothing but what is listed", async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (text) => {
      const [kept, settled] = [await compared(text), await compared(text, { flows: "differing" })];
      expect({ ...settled, flows: [] }).toEqual({ ...kept, flows: [] });
      const differing = kept.flows.filter(
        ({ a, b, discrepancies }) => discrepancies.length > 0 || (a !== null && b !== null && a.verdict !== b.verdict),
      );
      expect(settled.flows).toEqual(differing);
    }),
    { numRuns: 100 },
  );
});

it("nothing is said to be lost that was seen by both", async () => {
  await fc.assert(
    fc.asyncProperty(scene, async (text) => {
      const kinds = ["[S]", "[S.]", "[F.]", "[.]"];
      const { flows } = await compared(text);
      const found = flows.flatMap(({ discrepancies }) => discrepancies);
      const isRemarked = (flags: string) => text.split("\n").some((line) => line.includes(flags) && line.includes("#"));
      for (const { segment } of found) {
        const flags = { SYN: "[S]", "SYN-ACK": "[S.]", FIN: "[F.]", "ACK of FIN": "[.]", RST: "[R]" }[segment];
        // The FIN of the server acknowledges the client's, too.
        expect(kinds).toContain(flags);
        expect(isRemarked(flags) || (segment === "ACK of FIN" && isRemarked("[F.]"))).toBe(true);
      }
    }),
    { numRuns: 100 },
  );
});

it("bears captures that have nothing to do with each other, and such that are empty", async () => {
  const { a } = twoPoints(LINES.join("\n"));
  const none = pcapFile([]);
  for (const pair of [
    { a: [a], b: [none] },
    { a: [none], b: [a] },
    { a: [none], b: [none] },
  ]) {
    const { totals, clock, flows } = await compareCaptures(pair, "every");
    expect({ both: totals.both, clock }).toEqual({ both: 0, clock: null });
    expect(flows.length).toBe(totals.onlyA + totals.onlyB + totals.outside);
  }
});
