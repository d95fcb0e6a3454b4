import fc from "fast-check";
import { expect, it } from "vitest";
import type { Frame } from "../../src/wire/dissection.ts";
import { FrameDecoder } from "../../src/wire/frame-decoder.ts";
import { SegmentBatch } from "../../src/wire/segment-batch.ts";
import { frameOf } from "../build/frames.ts";
import { frame, SEED } from "./decoded.ts";
import { DATA } from "./segments.ts";

const ETHERNET_OCTETS = 14;
const SLL_OCTETS = 16;
const LINKTYPE_LINUX_SLL = 113;
const HEADER_OCTETS = 20 + 32;

/** The row a frame gives, in all its columns, or why it gives none. */
function outcomeOf(given: Frame) {
  const decoder = new FrameDecoder({ seed: SEED });
  const batch = new SegmentBatch();
  const decoded = decoder.decodeOne(given, 1, 0, batch);
  const columns = Object.entries(batch).filter(([, column]) => ArrayBuffer.isView(column));
  return decoded ? Object.fromEntries(columns.map(([name, column]) => [name, column[0]])) : decoder.skipped.byReason;
}

/** The same datagram behind a link header that the way in one go does not know. */
function underSll(ethernet: Uint8Array): Uint8Array {
  const octets = new Uint8Array(SLL_OCTETS - ETHERNET_OCTETS + ethernet.length);
  octets.set(ethernet, SLL_OCTETS - ETHERNET_OCTETS);
  return octets;
}

const plain = frameOf(DATA);
const withoutOptions = frameOf({ ...DATA, options: {} });
const places = fc.array(fc.record({ at: fc.nat(HEADER_OCTETS - 1), octet: fc.nat(255) }), { maxLength: 4 });

it("what is read in one go reads as by walking the layers, whatever stands in the headers and wherever the frame is cut", () => {
  fc.assert(
    fc.property(fc.constantFrom(plain, withoutOptions), places, fc.nat(80), (of, changed, octetsCut) => {
      const octets = of.slice(0, of.length - octetsCut);
      for (const { at, octet } of changed)
        if (at + ETHERNET_OCTETS < octets.length) octets[at + ETHERNET_OCTETS] = octet;
      const walked = frame(underSll(octets), { linkType: LINKTYPE_LINUX_SLL, originalLength: of.length + 2 });
      expect(outcomeOf(frame(octets, { originalLength: of.length }))).toEqual(outcomeOf(walked));
    }),
    { numRuns: 3000 },
  );
});
