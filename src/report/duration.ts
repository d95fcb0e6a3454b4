const MICROSECOND = 1e3;
const MILLISECOND = 1e6;
const SECOND = 1e9;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A duration for people, in two digits or two units: `43 ms`, `0.4 s`, `9 min 59 s`, `2 h 5 min`, `3 d 4 h`.
 * Cut off, never rounded up: "at least 9 min 59 s" must stay true.
 */
export function formatDuration(seconds: number): string {
  const nanos = Math.round(Math.abs(seconds) * SECOND);
  const sign = seconds < 0 && nanos > 0 ? "-" : "";
  return sign + (nanos < MINUTE * SECOND ? underAMinute(nanos) : inTwoUnits(Math.floor(nanos / SECOND)));
}

function underAMinute(nanos: number): string {
  if (nanos === 0) return "0 s";
  if (nanos < MICROSECOND) return `${nanos} ns`;
  if (nanos < MILLISECOND) return `${cutOff(nanos, MICROSECOND, 1)} µs`;
  if (nanos < SECOND / 10) return `${cutOff(nanos, MILLISECOND, 1)} ms`;
  return `${cutOff(nanos, SECOND, nanos < SECOND ? 2 : 1)} s`;
}

/** From ten units on whole ones, below with a fraction: `2.5`, `12`. */
function cutOff(nanos: number, unit: number, digits: number): string {
  if (nanos >= 10 * unit) return `${Math.floor(nanos / unit)}`;
  const scale = 10 ** digits;
  return `${Math.floor((nanos * scale) / unit) / scale}`;
}

function inTwoUnits(seconds: number): string {
  if (seconds < HOUR) return twoUnits(seconds, MINUTE, "min", 1, "s");
  if (seconds < DAY) return twoUnits(seconds, HOUR, "h", MINUTE, "min");
  return twoUnits(seconds, DAY, "d", HOUR, "h");
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const first = Math.floor(seconds / large);
  const second = Math.floor((seconds % large) / small);
  return second === 0 ? `${first} ${largeName}` : `${first} ${largeName} ${second} ${smallName}`;
}
