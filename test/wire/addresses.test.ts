import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { formatIpv4, formatIpv6 } from "../../src/wire/addresses.ts";

describe("an address reads as RFC 5952 recommends", () => {
  it.each<[string, [number, number, number, number]]>([
    ["::", [0, 0, 0, 0]],
    ["::1", [0, 0, 0, 1]],
    ["1::", [0x0001_0000, 0, 0, 0]],
    ["2001:db8::1", [0x2001_0db8, 0, 0, 1]], // §4.2.1: shortened as much as possible
    ["2001:db8:0:1:1:1:1:1", [0x2001_0db8, 0x0000_0001, 0x0001_0001, 0x0001_0001]], // §4.2.2: not a single field
    ["2001:0:0:1::1", [0x2001_0000, 0x0000_0001, 0, 0x0000_0001]], // §4.2.3: the longest run
    ["2001:db8::1:0:0:1", [0x2001_0db8, 0, 0x0001_0000, 0x0000_0001]], // §4.2.3: the first of equal runs
    ["2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaaa", [0x2001_0db8, 0xaaaa_bbbb | 0, 0xcccc_dddd | 0, 0xeeee_aaaa | 0]], // §4.3: lower case
    ["::ffff:192.0.2.1", [0, 0, 0xffff, 0xc000_0201 | 0]], // §5: IPv4-mapped
  ])("%s", (text, words) => {
    expect(formatIpv6(...words)).toBe(text);
  });

  it.each([
    ["0.0.0.0", 0],
    ["10.0.0.1", 0x0a00_0001],
    ["255.255.255.255", -1],
  ])("%s", (text, address) => {
    expect(formatIpv4(address)).toBe(text);
  });

  it("and back to the same words", () => {
    const word = fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.constantFrom(0, 1, 0x10000));
    fc.assert(
      fc.property(word, word, word, word, (...words) => {
        const octets = Uint8Array.from(ipaddr.parse(formatIpv6(...words)).toByteArray());
        const view = new DataView(octets.buffer);
        expect([0, 4, 8, 12].map((at) => view.getInt32(at))).toEqual(words);
      }),
    );
  });
});
