/** `1 connection`, `4,500 connections`. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${numberText(count)} ${count === 1 ? singular : plural}`;
}

/** `1,234`. */
export const numberText = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");

/** `2,900 ± 1,400`: without the digits of which the standard error leaves nothing. */
export function measuredText(value: number, error: number): string {
  const smallest = Math.abs(value) < 100 ? 0.1 : 1;
  const step = Math.max(smallest, 10 ** (Math.floor(Math.log10(error)) - 1));
  const rounded = (number: number) => (step < 1 ? number.toFixed(1) : numberText(Math.round(number / step) * step));
  return error > 0 ? `${rounded(value)} ± ${rounded(Math.max(error, smallest))}` : rounded(value);
}

/** To three digits below a minute, in two units above: `1.50 s`, `43.0 ms`, `5 min 12 s`, `3 d 4 h`. */
export function durationText(nanos: number): string {
  const seconds = nanos / 1e9;
  if (seconds < 0.001) return `${(seconds * 1e6).toPrecision(3)} µs`;
  if (seconds < 0.1) return `${(seconds * 1e3).toPrecision(3)} ms`;
  if (seconds < 59.95) return `${seconds < 1 ? seconds.toFixed(2) : seconds.toPrecision(3)} s`;
  if (seconds < 3600) return twoUnits(seconds, 60, "min", 1, "s");
  return seconds < 86_400 ? twoUnits(seconds, 3600, "h", 60, "min") : twoUnits(seconds, 86_400, "d", 3600, "h");
}

function twoUnits(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const rounded = Math.round(seconds / small) * small;
  const rest = Math.round((rounded % large) / small);
  const first = `${Math.floor(rounded / large)} ${largeName}`;
  return rest === 0 ? first : `${first} ${rest} ${smallName}`;
}

/** Seconds as a number, to the microsecond. */
export const secondsOf = (nanos: number): number => Math.round(nanos / 1e3) / 1e6;

/** An estimate to three digits: more are neither known nor the same everywhere. */
export const estimateOf = (seconds: number | null): number | null =>
  seconds === null ? null : Number(seconds.toPrecision(3));

/** `a, b and 3 more`. */
export function listText(parts: readonly string[], shownMax = 3): string {
  const shown = parts.slice(0, shownMax);
  const rest = parts.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
