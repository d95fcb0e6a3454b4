import { CloseWaitError } from "../../errors.ts";

/** Octets to keep of each packet. */
export function parseSnapLength(text: string): number {
  const octets = Number(text);
  if (!/^\d+$/.test(text) || octets === 0 || !Number.isSafeInteger(octets)) {
    throw new CloseWaitError("usage", `expected a number of octets from 1, found "${text}"; 128 keeps most headers`);
  }
  return octets;
}
