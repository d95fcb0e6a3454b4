import { describe, expect, it } from "vitest";
import { createClock } from "../../src/report/clock.ts";
import { countOf, formatCount } from "../../src/report/count.ts";
import { formatDuration } from "../../src/report/duration.ts";
import { formatEndpoint } from "../../src/report/endpoint-text.ts";
import { sanitize } from "../../src/report/sanitize.ts";
import { foldParts, glue, textWidth, wrapWords } from "../../src/report/text-width.ts";
import { secondsBetween } from "../../src/report/time-span.ts";

describe("durations", () => {
  it.each([
    [0, "0 s"],
    [0.0000004, "400 ns"],
    [0.0000035, "3.5 µs"],
    [0.000262, "262 µs"],
    [0.0043, "4.3 ms"],
    [0.043, "43 ms"],
    [0.13, "0.13 s"],
    [0.29, "0.29 s"],
    [0.4, "0.4 s"],
    [0.999999, "0.99 s"],
    [1, "1 s"],
    [2.59, "2.5 s"],
    [9.99, "9.9 s"],
    [12.9, "12 s"],
    [59.999, "59 s"],
    [60, "1 min"],
    [599, "9 min 59 s"],
    [599.999, "9 min 59 s"],
    [3600, "1 h"],
    [7500, "2 h 5 min"],
    [86_400, "1 d"],
    [273_600, "3 d 4 h"],
    [-2.5, "-2.5 s"],
  ])("%f s is %s, never rounded up", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe("counts", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1000, "1,000"],
    [1234567, "1,234,567"],
    [-1234, "-1,234"],
    [1234.5, "1,234.5"],
  ])("%d is %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it("take the plural", () => {
    expect([countOf(0, "byte"), countOf(1, "byte"), countOf(2366, "byte")]).toEqual([
      "0 bytes",
      "1 byte",
      "2,366 bytes",
    ]);
  });
});

describe("times", () => {
  const moment = "2026-11-20T02:45:25.301056999Z";

  it("leave the date out on the reference day", () => {
    const clock = createClock("UTC", "2026-11-20T23:00:00.000000000Z");
    expect([clock.time(moment), clock.millis(moment), clock.zone(moment)]).toEqual(["02:45:25", "02:45:25.301", "UTC"]);
    expect(clock.dateTime(moment)).toBe("2026-11-20 02:45:25");
  });

  it.each([
    ["2026-11-20T02:45:25.000000000Z", "2026-11-20 02:45:25"],
    ["2026-11-20T02:45:25.300000000Z", "2026-11-20 02:45:25.300"],
    ["2026-11-20T02:45:25.301056000Z", "2026-11-20 02:45:25.301056"],
    ["2026-11-20T02:45:25.000000001Z", "2026-11-20 02:45:25.000000001"],
  ])("%s is exactly %s", (at, text) => {
    expect(createClock("UTC", null).exact(at)).toBe(text);
  });

  it("have a date on any other day", () => {
    const clock = createClock("UTC", "2026-11-21T00:00:00.000000000Z");
    expect(clock.millis(moment)).toBe("2026-11-20 02:45:25.301");
  });

  it("are those of the zone, with its offset", () => {
    const clock = createClock("America/New_York", "2026-11-20T02:00:00.000000000Z");
    expect([clock.millis(moment), clock.zone(moment)]).toEqual(["21:45:25.301", "-05:00"]);
    expect(clock.dateTime(moment)).toBe("2026-11-19 21:45:25");
    expect(createClock("Europe/London", null).zone(moment)).toBe("+00:00");
  });

  it("print what cannot be read as it is, without control codes", () => {
    expect(createClock("UTC", null).time("never\u001b[2J")).toBe("never\\x1b[2J");
    expect(createClock("Europe/Berlin", null).time("never")).toBe("never");
  });

  it("are subtracted to the nanosecond", () => {
    expect(secondsBetween("2026-11-20T02:45:25.999999999Z", "2026-11-20T02:45:26.000000001Z")).toBeCloseTo(2e-9, 15);
    expect(secondsBetween("never", moment)).toBeNull();
  });
});

describe("endpoints", () => {
  it.each([
    ["10.0.0.2", 8080, "10.0.0.2:8080"],
    ["2001:db8::2", 443, "[2001:db8::2]:443"],
    ["10.0.0.2", null, "10.0.0.2"],
    ["2001:db8::2", null, "2001:db8::2"],
  ])("%s, port %s is %s", (ip, port, text) => {
    expect(formatEndpoint({ ip, port })).toBe(text);
  });
});

describe("sanitize", () => {
  it.each([
    ["plain text, ünïcödé 日本", "plain text, ünïcödé 日本"],
    ["\u001b[31mred", "\\x1b[31mred"],
    ["\u009b31mred", "\\x9b31mred"],
    ["a\r\n\tb\u0000\u007f", "a\\x0d\\x0a\\x09b\\x00\\x7f"],
    ["\u202egnp.exe", "\\u{202e}gnp.exe"],
    ["\u2028\u200b\ufeff", "\\u{2028}\\u{200b}\\u{feff}"],
    ["\ud800", "\\u{d800}"],
  ])("makes %j printable", (text, printable) => {
    expect(sanitize(text)).toBe(printable);
  });
});

describe("layout", () => {
  it("counts columns, not characters", () => {
    expect([textWidth("abc"), textWidth("日本"), textWidth("e\u0301"), textWidth("\u001b[31mred\u001b[39m")]).toEqual([
      3, 4, 1, 3,
    ]);
  });

  it("breaks between parts only", () => {
    expect(foldParts(["one", "two three", "four"], ", ", 12, "  ")).toEqual(["one,", "  two three,", "  four"]);
  });

  it("wraps at words, keeps the first indentation and glued words together", () => {
    expect(wrapWords(`  - for ${glue("10 min 2 s")} now`, 14, "    ")).toEqual([
      "  - for",
      "    10 min 2 s",
      "    now",
    ]);
  });
});
