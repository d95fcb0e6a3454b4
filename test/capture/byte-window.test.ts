import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWindow } from "../../src/capture/byte-window.ts";

const INPUT = Uint8Array.from({ length: 300 }, (_, index) => index & 0xff);

type Step = { readonly take: number } | { readonly skip: number } | { readonly push: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ take: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ skip: fc.integer({ min: 0, max: 60 }) }),
  fc.record({ push: fc.integer({ min: 0, max: 30 }) }),
);

describe("a byte window", () => {
  it("shows the bytes of the input in order, whatever is pushed, taken and skipped in between", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const window = new ByteWindow();
        let pushed = 0;
        let at = 0; // where the next byte to be taken lies in the input; beyond `pushed` while bytes are owed
        for (const each of steps) {
          if ("push" in each) {
            window.push(INPUT.slice(pushed, pushed + each.push));
            pushed = Math.min(INPUT.length, pushed + each.push);
          } else if ("skip" in each) {
            window.skip(each.skip);
            at += each.skip;
          } else {
            const there = at + each.take <= pushed;
            expect(window.ensure(each.take)).toBe(there || each.take === 0);
            if (!there) continue;
            const shown = Array.from({ length: each.take }, (_, index) => window.view.getUint8(window.offset + index));
            expect(shown).toEqual([...INPUT.subarray(at, at + each.take)]);
            window.offset += each.take;
            at += each.take;
          }
          expect(window.owed).toBe(Math.max(0, at - pushed));
          expect(window.unread).toBe(Math.max(0, pushed - at));
          expect(window.position).toBe(Math.min(at, pushed));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("copies nothing of a unit that lies within one chunk", () => {
    const window = new ByteWindow();
    window.push(INPUT);
    expect(window.ensure(100)).toBe(true);
    expect(window.view.buffer).toBe(INPUT.buffer);
  });

  it("reads from the chunk again once the straddling unit is used up", () => {
    const window = new ByteWindow();
    window.push(INPUT.slice(0, 10));
    window.skip(6);
    expect(window.ensure(8)).toBe(false);
    const second = INPUT.slice(10);
    window.push(second);
    expect(window.ensure(8)).toBe(true);
    expect(window.view.buffer).not.toBe(second.buffer);
    window.offset += 8;
    expect(window.ensure(8)).toBe(true);
    expect(window.view.buffer).toBe(second.buffer);
    expect(window.position).toBe(14);
  });
});
