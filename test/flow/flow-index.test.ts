import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FlowIndex } from "../../src/flow/flow-index.ts";

/** Few different hashes, and some that differ only above the mask: long chains that wrap around. */
const hash = fc.oneof(fc.integer({ min: -4, max: 4 }), fc.constantFrom(0x1000_0003, -0x1000_0000, 7, 15));

const steps = fc.array(fc.record({ hash, take: fc.boolean(), which: fc.nat() }), { maxLength: 120 });

/** All flows of a hash, as a search from its first place meets them. */
function flowsOf(index: FlowIndex, wanted: number): number[] {
  const flows: number[] = [];
  for (let place = wanted & index.mask; index.places[place * 2 + 1] !== 0; place = (place + 1) & index.mask) {
    if (index.places[place * 2] === wanted) flows.push((index.places[place * 2 + 1] as number) - 1);
  }
  return flows.sort((a, b) => a - b);
}

describe("the index of flows finds what a plain map finds", () => {
  it("after any insertions and deletions", () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const index = new FlowIndex(8);
        const model = new Map<number, number>();
        let next = 0;
        for (const { hash, take, which } of taken) {
          const [flow, known] = [...model][which % Math.max(1, model.size)] ?? [];
          if (take && flow !== undefined && known !== undefined) {
            index.delete(known, flow);
            model.delete(flow);
          } else {
            index.reserve(1);
            index.insert(hash, next);
            model.set(next++, hash);
          }
          expect(index.size).toBe(model.size);
        }
        for (const wanted of new Set(taken.map((step) => step.hash))) {
          const expected = [...model].filter(([, known]) => known === wanted).map(([flow]) => flow);
          expect(flowsOf(index, wanted)).toEqual(expected);
        }
      }),
    );
  });

  it("grows before it is half full, and keeps every flow", () => {
    const index = new FlowIndex(8);
    index.reserve(1000);
    for (let flow = 0; flow < 1000; flow++) index.insert(Math.imul(flow, 0x9e3779b1), flow);
    expect(index.mask + 1).toBe(2048);
    index.reserve(500);
    expect(index.mask + 1).toBe(4096);
    for (let flow = 0; flow < 1000; flow++) expect(flowsOf(index, Math.imul(flow, 0x9e3779b1))).toEqual([flow]);
  });

  it("is empty once everything was taken out", () => {
    const index = new FlowIndex(8);
    for (const flow of [0, 1, 2, 3]) index.insert(6, flow);
    for (const flow of [2, 0, 3, 1]) index.delete(6, flow);
    expect(index.size).toBe(0);
    expect(index.places.every((word) => word === 0)).toBe(true);
  });
});
