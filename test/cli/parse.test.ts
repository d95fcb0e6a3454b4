import { describe, expect, it } from "vitest";
import { parseDuration, parseSeconds } from "../../src/analysis/duration.ts";
import { parseMoment } from "../../src/analysis/moment.ts";
import { parseAddress, parseEndpoint, parseNetwork, parsePort } from "../../src/cli/parse/address.ts";
import { parseFailOn } from "../../src/cli/parse/fail-on.ts";
import { parseLimit } from "../../src/cli/parse/limit.ts";
import { CloseWaitError } from "../../src/errors.ts";

describe("durations", () => {
  it.each([
    ["0", 0n],
    ["250ms", 250_000_000n],
    ["1ns", 1n],
    ["1.5us", 1500n],
    ["2µs", 2000n],
    ["90s", 90_000_000_000n],
    ["0.1s", 100_000_000n],
    ["5m", 300_000_000_000n],
    ["5min", 300_000_000_000n],
    ["2h", 7_200_000_000_000n],
    ["1d", 86_400_000_000_000n],
    ["1h30m", 5_400_000_000_000n],
    ["1m500ms", 60_500_000_000n],
  ])("%s is %d ns", (text, nanos) => {
    expect(parseDuration(text)).toBe(nanos);
  });

  it("are seconds for the analysis", () => {
    expect(parseSeconds("250ms")).toBe(0.25);
  });

  const EXPECTED = "expected one such as 250ms, 90s, 5m, 2h or 1d";
  it.each([
    ["5", "'5' has no unit: did you mean 5s?"],
    ["1.5", "'1.5' has no unit: did you mean 1.5s?"],
    ["", `'' is not a duration: ${EXPECTED}`],
    ["5x", `'5x' is not a duration: ${EXPECTED}`],
    ["-5s", `'-5s' is not a duration: ${EXPECTED}`],
    ["1 s", `'1 s' is not a duration: ${EXPECTED}`],
    ["s", `'s' is not a duration: ${EXPECTED}`],
    ["1e3s", `'1e3s' is not a duration: ${EXPECTED}`],
    ["99999999d", "'99999999d' is longer than a hundred years"],
  ])("%j is refused", (text, message) => {
    expect(() => parseDuration(text)).toThrow(new CloseWaitError("usage", message));
  });
});

describe("moments", () => {
  const at = (iso: string, nanos = 0n) => BigInt(Date.parse(iso)) * 1_000_000n + nanos;

  it.each([
    ["2026-11-20T02:45:25Z", at("2026-11-20T02:45:25Z")],
    ["2026-11-20T02:45:25.301056789Z", at("2026-11-20T02:45:25Z", 301_056_789n)],
    ["2026-11-20T02:45Z", at("2026-11-20T02:45:00Z")],
    ["2026-11-20 02:45:25+01:00", at("2026-11-20T01:45:25Z")],
    ["2026-11-20T02:45:25-0530", at("2026-11-20T08:15:25Z")],
    ["2026-11-20T02:45:25", at("2026-11-20T02:45:25Z")],
    ["2026-11-20", at("2026-11-20T00:00:00Z")],
    ["2024-02-29", at("2024-02-29T00:00:00Z")],
    ["1700000000", 1_700_000_000_000_000_000n],
    ["1700000000.000000001", 1_700_000_000_000_000_001n],
  ])("%s, in UTC", (text, nanos) => {
    expect(parseMoment(text, true)).toEqual({ kind: "absolute", nanos });
  });

  it("are in local time without a zone", () => {
    const local = BigInt(new Date(2026, 10, 20, 2, 45, 25).getTime()) * 1_000_000n;
    expect(parseMoment("2026-11-20T02:45:25", false)).toEqual({ kind: "absolute", nanos: local });
  });

  it("count from the first packet, or are the end", () => {
    expect(parseMoment("+12.5s", true)).toEqual({ kind: "relative", nanos: 12_500_000_000n });
    expect(parseMoment("end", true)).toEqual({ kind: "end" });
  });

  const EXPECTED =
    "expected ISO 8601 (2026-11-20T02:45:25Z), an epoch in seconds, +12.5s after the first packet, or end";
  it.each([
    ["yesterday", `'yesterday' is not a moment: ${EXPECTED}`],
    ["02:45", `'02:45' is not a moment: ${EXPECTED}`],
    ["-5s", `'-5s' is not a moment: ${EXPECTED}`],
    ["2026-02-30", "'2026-02-30' is a date or time that does not exist"],
    ["2026-11-20T25:00Z", "'2026-11-20T25:00Z' is a date or time that does not exist"],
    ["2026-13-01", "'2026-13-01' is a date or time that does not exist"],
    ["1700000000123", "'1700000000123' is too large for an epoch in seconds: is it in milliseconds?"],
    ["+5", "'+5' has no unit: did you mean +5s?"],
    ["5s", "'5s' is not a moment: did you mean +5s?"],
  ])("%s is refused", (text, message) => {
    expect(() => parseMoment(text, true)).toThrow(new CloseWaitError("usage", message));
  });
});

describe("addresses", () => {
  it.each([
    ["10.0.0.2", "10.0.0.2"],
    ["2001:DB8:0:0::2", "2001:db8::2"],
    ["[::1]", "::1"],
  ])("%s is %s", (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });

  it.each(["10.1", "0x7f.0.0.1", "010.0.0.1", "10.0.0.256", "host", "", "fe80::1%eth0", "1::2::3"])(
    "%j is refused",
    (text) => {
      const message = `'${text}' is not an IP address: expected one such as 10.0.0.2 or 2001:db8::2`;
      expect(() => parseAddress(text)).toThrow(new CloseWaitError("usage", message));
    },
  );

  it.each([
    ["10.1.2.3/8", "10.0.0.0/8"],
    ["0.0.0.0/0", "0.0.0.0/0"],
    ["10.0.0.2/32", "10.0.0.2/32"],
    ["2001:db8:1::/32", "2001:db8::/32"],
  ])("the network %s is %s", (text, network) => {
    expect(parseNetwork(text)).toBe(network);
  });

  it.each(["10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/", "10.0.0.0/8/8", "::/129", "x/8"])(
    "the network %s is refused",
    (text) => {
      const message = `'${text}' is not a network: expected an address and a prefix length such as 10.0.0.0/8 or 2001:db8::/32`;
      expect(() => parseNetwork(text)).toThrow(new CloseWaitError("usage", message));
    },
  );

  it.each([
    ["10.0.0.2", { ip: "10.0.0.2", port: null }],
    ["10.0.0.2:8080", { ip: "10.0.0.2", port: 8080 }],
    ["2001:db8::2", { ip: "2001:db8::2", port: null }],
    ["[2001:DB8::2]", { ip: "2001:db8::2", port: null }],
    ["[2001:db8::2]:443", { ip: "2001:db8::2", port: 443 }],
  ])("the endpoint %s", (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  it.each(["10.0.0.2:", ":80", "host:80", "[10.0.0.2:80", "10.0.0.2:80:80"])("the endpoint %s is refused", (text) => {
    expect(() => parseEndpoint(text)).toThrow(CloseWaitError);
  });

  it("ports end at 65535", () => {
    expect(parsePort("65535")).toBe(65_535);
    expect(() => parsePort("65536")).toThrow(
      new CloseWaitError("usage", "'65536' is not a port: expected a number from 0 to 65535"),
    );
  });
});

describe("limits", () => {
  it("are a number of rows or all", () => {
    expect([parseLimit("1"), parseLimit("1234"), parseLimit("all")]).toEqual([1, 1234, Number.POSITIVE_INFINITY]);
  });
});

describe("conditions", () => {
  it.each([
    ["stuck", { kind: "stuck", above: 0, text: "stuck" }],
    ["stuck>3", { kind: "stuck", above: 3, text: "stuck>3" }],
    ["half-closed > 10", { kind: "half-closed", above: 10, text: "half-closed>10" }],
    ["finding:never-touched", { kind: "finding", finding: "never-touched", text: "finding:never-touched" }],
    ["problem", { kind: "problem", text: "problem" }],
  ])("%s", (text, condition) => {
    expect(parseFailOn(text)).toEqual(condition);
  });

  it.each(["", "stuck>", "stuck>=3", "stuck<3", "closed", "finding:", "finding:X", "problem>1"])(
    "%j is refused",
    (text) => {
      expect(() => parseFailOn(text)).toThrow(CloseWaitError);
    },
  );
});
