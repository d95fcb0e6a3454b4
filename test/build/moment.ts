/** When something was captured: since the start of the conversation, or, with a plus sign, since the line before. */
export interface Moment {
  readonly nanos: bigint;
  readonly relative: boolean;
}

const SECONDS = /^(?<plus>\+?)(?<seconds>\d+)(?:\.(?<fraction>\d{1,9}))?$/;
const UNITS =
  /^(?<plus>\+?)(?=\d)(?:(?<hours>\d+)h)?(?:(?<minutes>\d+)m)?(?:(?<seconds>\d+)(?:\.(?<fraction>\d{1,9}))?s)?(?:(?<millis>\d+)ms)?$/;

/** `0.040`, `+0.040`, `10m`, `1h2m`, `1m0.5s`, `+250ms`; exact to the nanosecond. Undefined when it is none of these. */
export function parseMoment(text: string): Moment | undefined {
  const groups = (SECONDS.exec(text) ?? UNITS.exec(text))?.groups;
  if (!groups) return undefined;
  const { plus, hours = "0", minutes = "0", seconds = "0", fraction = "", millis = "0" } = groups;
  const wholeSeconds = BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds);
  const nanos = wholeSeconds * 1_000_000_000n + BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
  return { nanos, relative: plus === "+" };
}
