/** What happens to octets on their way: the operations of a mutation fuzzer, drawn and undone by fast-check. */
import fc from "fast-check";
import { Octets } from "./fuzzing.ts";

type Damage =
  | { readonly kind: "bit"; readonly at: number; readonly bit: number }
  | { readonly kind: "number"; readonly at: number; readonly octets: readonly number[] }
  | { readonly kind: "remove" | "repeat"; readonly at: number; readonly length: number }
  | { readonly kind: "insert"; readonly at: number; readonly octets: readonly number[] }
  | { readonly kind: "end"; readonly at: number };

/** Where lengths, counts and times go wrong. */
const EDGES: readonly (readonly number[])[] = [
  [0],
  [1],
  [0x7f],
  [0x80],
  [0xff],
  [0, 0],
  [0xff, 0xff],
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [1, 0, 0, 0],
  [0x7f, 0xff, 0xff, 0xff],
  [0xff, 0xff, 0xff, 0x7f],
  [0x80, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff],
  [0xd4, 0xc3, 0xb2, 0xa1],
  [0x0a, 0x0d, 0x0d, 0x0a],
  [0x50, 0x2a, 0x4d, 0x18],
];

/** A place, as a part of the whole: it means the same in octets of any length. */
const at = fc.nat({ max: 0xffff });

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("bit" as const), at, bit: fc.nat({ max: 7 }) }),
  fc.record({ kind: fc.constant("number" as const), at, octets: fc.constantFrom(...EDGES) }),
  fc.record({ kind: fc.constantFrom("remove" as const, "repeat" as const), at, length: fc.nat({ max: 64 }) }),
  fc.record({
    kind: fc.constant("insert" as const),
    at,
    octets: fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({ kind: fc.constant("end" as const), at }),
);

/** Octets with up to `max` damages; what stands in front of `from` stays. */
export function damaged(octets: fc.Arbitrary<Uint8Array>, max = 6, from = 0): fc.Arbitrary<Octets> {
  return fc
    .tuple(octets, fc.array(damage, { maxLength: max }))
    .map(([whole, damages]) => new Octets(damages.reduce((left, one) => apply(left, one, from), whole)));
}

function apply(octets: Uint8Array, one: Damage, from: number): Uint8Array {
  const place = from + Math.floor((one.at / 0x10000) * Math.max(0, octets.length - from));
  const [head, tail] = [octets.subarray(0, place), octets.subarray(place)];
  switch (one.kind) {
    case "bit": {
      const flipped = octets.slice();
      if (place < flipped.length) flipped[place] = (flipped[place] as number) ^ (1 << one.bit);
      return flipped;
    }
    case "number": {
      const changed = octets.slice();
      changed.set(one.octets.slice(0, Math.max(0, changed.length - place)), Math.min(place, changed.length));
      return changed;
    }
    case "remove":
      return Buffer.concat([head, tail.subarray(one.length)]);
    case "repeat":
      return Buffer.concat([head, tail.subarray(0, one.length), tail]);
    case "insert":
      return Buffer.concat([head, Uint8Array.from(one.octets), tail]);
    case "end":
      return head.slice();
  }
}
