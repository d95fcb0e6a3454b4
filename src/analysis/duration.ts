import { CloseWaitError } from "../errors.ts";

const NANOS_PER_UNIT: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  min: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
};

const DURATION = /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|min|m|h|d))+$/;
const TERM = /(\d+)(?:\.(\d+))?(ns|us|µs|ms|s|min|m|h|d)/g;
/** A hundred years: longer ones are typing errors, and every sum with a time stamp stays a valid moment. */
const NANOS_MAX = 36_525n * 86_400_000_000_000n;

export const isDuration = (text: string): boolean => DURATION.test(text);

/** Parses `250ms`, `90s`, `5m`, `2h`, `1d`, `1h30m` or `0`, exactly, into nanoseconds. */
export function parseDuration(text: string): bigint {
  if (text === "0") return 0n;
  if (/^\d+(\.\d+)?$/.test(text)) {
    throw new CloseWaitError("usage", `'${text}' has no unit: did you mean ${text}s?`);
  }
  if (!DURATION.test(text)) {
    throw new CloseWaitError("usage", `'${text}' is not a duration: expected one such as 250ms, 90s, 5m, 2h or 1d`);
  }
  let nanos = 0n;
  for (const [, whole = "0", fraction = "", unit = "s"] of text.matchAll(TERM)) {
    const perUnit = NANOS_PER_UNIT[unit] ?? 0n;
    nanos += BigInt(whole) * perUnit + (BigInt(fraction || "0") * perUnit) / 10n ** BigInt(fraction.length);
  }
  if (nanos > NANOS_MAX) throw new CloseWaitError("usage", `'${text}' is longer than a hundred years`);
  return nanos;
}

export function parseSeconds(text: string): number {
  return Number(parseDuration(text)) / 1e9;
}
