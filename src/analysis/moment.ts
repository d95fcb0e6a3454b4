import { CloseWaitError } from "../errors.ts";
import { isDuration, parseDuration } from "./duration.ts";
import type { Moment } from "./options.ts";

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?)?$/;
const EPOCH = /^(\d+)(?:\.(\d{1,9}))?$/;
/** Later epochs in seconds lie beyond the year 5138: surely milliseconds. */
const EPOCH_SECONDS_MAX = 100_000_000_000n;

/**
 * Parses `2026-11-20T02:45:25.301Z`, an epoch in seconds, `+12.5s` (after the first packet), or `end`.
 * @param utc times without a zone are in UTC instead of local time
 */
export function parseMoment(text: string, utc: boolean): Moment {
  if (text === "end") return { kind: "end" };
  if (text.startsWith("+")) return { kind: "relative", nanos: sinceFirstPacket(text) };
  const epoch = EPOCH.exec(text);
  if (epoch !== null) return { kind: "absolute", nanos: epochNanos(text, epoch) };
  const iso = ISO.exec(text);
  if (iso !== null) return { kind: "absolute", nanos: isoNanos(text, iso, utc) };
  if (isDuration(text)) throw new CloseWaitError("usage", `'${text}' is not a moment: did you mean +${text}?`);
  throw new CloseWaitError(
    "usage",
    `'${text}' is not a moment: expected ISO 8601 (2026-11-20T02:45:25Z), an epoch in seconds, +12.5s after the first packet, or end`,
  );
}

function sinceFirstPacket(text: string): bigint {
  const duration = text.slice(1);
  if (duration !== "0" && EPOCH.test(duration)) {
    throw new CloseWaitError("usage", `'${text}' has no unit: did you mean ${text}s?`);
  }
  return parseDuration(duration);
}

function epochNanos(text: string, [, whole = "0", fraction = ""]: readonly string[]): bigint {
  const seconds = BigInt(whole);
  if (seconds >= EPOCH_SECONDS_MAX) {
    throw new CloseWaitError("usage", `'${text}' is too large for an epoch in seconds: is it in milliseconds?`);
  }
  return seconds * 1_000_000_000n + fractionNanos(fraction);
}

function isoNanos(text: string, match: readonly (string | undefined)[], utc: boolean): bigint {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const zone = match[8] ?? (utc ? "Z" : null);
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const back = new Date(wall);
  // Date.UTC takes February 30 for March 2: what comes back must be what was asked for.
  const exists =
    back.getUTCMonth() === month - 1 && back.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!exists) throw new CloseWaitError("usage", `'${text}' is a date or time that does not exist`);
  const local = () => new Date(year, month - 1, day, hour, minute, second).getTime();
  const millis = zone === null ? local() : wall - offsetMillis(zone);
  return BigInt(millis) * 1_000_000n + fractionNanos(match[7] ?? "");
}

function offsetMillis(zone: string): number {
  if (zone === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}

function fractionNanos(fraction: string): bigint {
  return BigInt(fraction.padEnd(9, "0"));
}
