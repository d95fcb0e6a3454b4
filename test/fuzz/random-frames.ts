/** Frames with any stack of headers that is known here, on any link type, whole or in fragments, and then damaged. */
import fc from "fast-check";
import { authenticated, type Carried, FRAME, gre } from "../build/encapsulations.ts";
import { frameOf, type TestSegment } from "../build/frames.ts";
import { ENCAPSULATIONS, onEthernet } from "../wire/encapsulated.ts";
import { LINK, LINKED } from "../wire/linked.ts";

const LINK_TYPE_ETHERNET = 1;

export interface RandomFrame {
  readonly linkType: number;
  readonly octets: Uint8Array;
}

const number = fc.oneof(fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff), fc.nat({ max: 0xffff_ffff }));
const port = fc.oneof(
  fc.constantFrom(0, 80, 65_535),
  fc.nat({ max: 3 }).map((n) => 40_000 + n),
);
const ipv4 = fc.constantFrom("10.0.0.1", "10.0.0.2", "0.0.0.0", "255.255.255.255", "127.0.0.1");
const ipv6 = fc.constantFrom("2001:db8::1", "2001:db8::2", "::", "::ffff:10.0.0.1", "ff02::1");

/** Any two ends, which may be one, any numbers, and every combination of flags. */
export const randomSegment: fc.Arbitrary<TestSegment> = fc
  .tuple(fc.boolean(), fc.record({ seq: number, ack: number, length: fc.nat({ max: 60 }), window: fc.nat(65_535) }))
  .chain(([isV6, fields]) => {
    const end = fc.record({ ip: isV6 ? ipv6 : ipv4, port });
    const flags = fc.subarray(["F", "S", "R", "P", ".", "U", "E", "W"]).map((letters) => letters.join(""));
    const ipId = fc.nat({ max: 3 });
    return fc.record({ from: end, to: end, flags, ipId }).map((ends) => ({ at: 0n, ...fields, ...ends }));
  });

const carried = (segment: TestSegment): Carried => ({
  etherType: segment.from.ip.includes(":") ? 0x86dd : 0x0800,
  octets: frameOf(segment, { link: "RAW" }),
});

/** What stands in an encapsulation is an IP datagram, for the table's sake; a frame is carried by GRE. */
const inside = (inner: Carried): Carried =>
  inner.etherType === 0x0800 || inner.etherType === 0x86dd ? inner : gre(inner);

const OCTETS_MAX = 1400;

/** A segment in up to eight encapsulations, as deep as a datagram of ordinary length allows. */
export const randomStack: fc.Arbitrary<Carried> = fc
  .tuple(randomSegment, fc.array(fc.constantFrom(...ENCAPSULATIONS), { maxLength: 8 }))
  .map(([segment, layers]) =>
    layers.reduce((inner, [, build]) => {
      const outer = build(inside(inner));
      return outer.octets.length > OCTETS_MAX ? inner : outer;
    }, carried(segment)),
  );

/** On any link type. */
export const randomFrame: fc.Arbitrary<RandomFrame> = fc
  .tuple(randomStack, fc.option(fc.constantFrom(...LINKED), { nil: null, freq: 3 }))
  .map(([stack, linked]) => {
    if (linked === null) return { linkType: LINK_TYPE_ETHERNET, octets: onEthernet(stack) };
    const [link, , build] = linked;
    return { linkType: LINK[link], octets: build(inside(stack)) };
  });

/** Headers in each other without end. */
export function nested(depth: number): Uint8Array {
  let inner: Carried = { etherType: 0x0800, octets: new Uint8Array(20).fill(0x45) };
  for (let layer = 0; layer < depth; layer++) inner = layer % 2 === 0 ? gre(inner) : authenticated(inner);
  return onEthernet(inner.etherType === FRAME ? gre(inner) : inner);
}
