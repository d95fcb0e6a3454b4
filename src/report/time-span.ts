import type { Timestamp } from "../analysis/model.ts";

const FRACTION = /\.(\d+)Z$/;

/** Seconds from one moment to another, to the nanosecond; null when a timestamp cannot be read. */
export function secondsBetween(from: Timestamp, to: Timestamp): number | null {
  const seconds = (wholeSeconds(to) - wholeSeconds(from)) / 1000 + (fraction(to) - fraction(from));
  return Number.isFinite(seconds) ? seconds : null;
}

function wholeSeconds(at: Timestamp): number {
  return Date.parse(at.replace(FRACTION, "Z"));
}

function fraction(at: Timestamp): number {
  const digits = FRACTION.exec(at)?.[1];
  return digits === undefined ? 0 : Number(`0.${digits}`);
}
