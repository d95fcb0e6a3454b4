/** Whatever is wrong with a capture: what is told of its segments can be extracted, commented and anonymized. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { runs } from "../laws/analyzing.ts";
import { octetsOf } from "../laws/recordings.ts";
import { extracted, recordsOf } from "./extracted.ts";

const NAMES = [
  "server-never-closes.pcap",
  "ipv6-server-never-closes.pcap",
  "mixed-traffic.pcapng",
  "mixed-traffic-any-interface.pcap",
  "vlan-monitor-port.pcap",
];

/** Behind the headers of file and section, which are another test's subject. */
const FIRST_DAMAGED = 64;

const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
  minLength: 1,
  maxLength: 40,
});

function damaged(name: string, changes: readonly (readonly [number, number])[], kept: number): Uint8Array {
  const octets = octetsOf(name).slice();
  const room = octets.length - FIRST_DAMAGED;
  for (const [where, value] of changes) octets[FIRST_DAMAGED + Math.floor(where * (room - 1))] = value;
  return octets.subarray(0, FIRST_DAMAGED + Math.floor(kept * room));
}

describe("a damaged capture", () => {
  it.each(NAMES)("%s", async (name) => {
    await fc.assert(
      fc.asyncProperty(damage, fc.double({ min: 0, max: 1, noNaN: true }), async (changes, kept) => {
        const source = damaged(name, changes, kept);
        const { totals } = await analyzeCaptures([source], { flows: "every" });
        const { fragment = 0, "fragment-incomplete": incomplete = 0 } = totals.skipped;
        const plain = await extracted([source], { flows: "every", annotate: true });
        expect((await recordsOf([plain.file])).length).toBe(plain.packets);
        expect(plain.packets - totals.tcpSegments - totals.duplicates).toBeGreaterThanOrEqual(0);
        expect(plain.packets - totals.tcpSegments - totals.duplicates).toBeLessThanOrEqual(fragment + incomplete);

        const anonymizeKey = new Uint8Array(32);
        const anonymous = await extracted([source], { flows: "every", format: "pcapng", anonymizeKey });
        expect((await recordsOf([anonymous.file])).length).toBe(plain.packets - anonymous.leftOut);
      }),
      runs(40),
    );
  });
});
