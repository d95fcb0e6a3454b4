import type { Timestamp } from "../analysis/model.ts";
import { sanitize } from "./sanitize.ts";

/** Prints moments in one time zone. The date is left out where it is that of the reference day. */
export interface Clock {
  /** `02:45:25`, or `2026-11-19 02:45:25` on another day than the reference. */
  time(at: Timestamp): string;
  /** The same to the millisecond, cut off: to be found again in Wireshark. */
  millis(at: Timestamp): string;
  /** `2026-11-20 02:45:25`. */
  dateTime(at: Timestamp): string;
  /** `2026-11-20 02:45:25.301056`: to the last digit that is not zero, in groups of three. */
  exact(at: Timestamp): string;
  /** `UTC`, or the offset `+01:00`. */
  zone(at: Timestamp): string;
}

const UTC_NAMES = new Set(["UTC", "Etc/UTC", "Etc/UCT", "Etc/Zulu", "Zulu", "UCT"]);
const ISO_UTC = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/;

interface Moment {
  readonly date: string;
  readonly time: string;
  /** Digits of the second, nine at most. */
  readonly fraction: string;
}

/** @param referenceDay any moment of the day whose date goes without saying; null: dates are always printed. */
export function createClock(timeZone: string, referenceDay: Timestamp | null): Clock {
  const utc = UTC_NAMES.has(timeZone);
  const read = utc ? readUtc : readIn(timeZone);
  const today = referenceDay === null ? null : (read(referenceDay)?.date ?? null);
  const dated = (moment: Moment, text: string) => (moment.date === today ? text : `${moment.date} ${text}`);
  const orRaw = (at: Timestamp, print: (moment: Moment) => string) => {
    const moment = read(at);
    return moment === null ? sanitize(at) : print(moment);
  };
  return {
    time: (at) => orRaw(at, (moment) => dated(moment, moment.time)),
    millis: (at) =>
      orRaw(at, (moment) => dated(moment, `${moment.time}.${moment.fraction.slice(0, 3).padEnd(3, "0")}`)),
    dateTime: (at) => orRaw(at, (moment) => `${moment.date} ${moment.time}`),
    exact: (at) => orRaw(at, (moment) => `${moment.date} ${moment.time}${shortFraction(moment.fraction)}`),
    zone: utc ? () => "UTC" : offsetIn(timeZone),
  };
}

function shortFraction(fraction: string): string {
  const digits = fraction.replace(/(000)+$/, "");
  return digits === "" ? "" : `.${digits}`;
}

function readUtc(at: Timestamp): Moment | null {
  const match = ISO_UTC.exec(at);
  if (match === null) return null;
  const [, date = "", time = "", fraction = ""] = match;
  return { date, time, fraction };
}

function readIn(timeZone: string): (at: Timestamp) => Moment | null {
  // "sv-SE" is the locale that writes ISO 8601 dates.
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return (at) => {
    const moment = readUtc(at);
    const epoch = Date.parse(at);
    if (moment === null || Number.isNaN(epoch)) return null;
    const [date = "", time = ""] = format.format(epoch).split(" ");
    return { date, time, fraction: moment.fraction };
  };
}

function offsetIn(timeZone: string): (at: Timestamp) => string {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  return (at) => {
    const epoch = Date.parse(at);
    if (Number.isNaN(epoch)) return "";
    const name = format.formatToParts(epoch).find((part) => part.type === "timeZoneName")?.value ?? "";
    const offset = name.replace(/^GMT/, "");
    return offset === "" ? "+00:00" : offset;
  };
}
