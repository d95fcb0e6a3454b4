import { CloseWaitError } from "../../errors.ts";

const KEY_OCTETS = 32;
const HEX = /^[0-9a-f]{64}$/i;

/** The key in a file's octets: 32 of them, or 64 hexadecimal digits. */
export function parseAnonymizeKey(octets: Uint8Array): Uint8Array {
  if (octets.length === KEY_OCTETS) return octets;
  const text = new TextDecoder("latin1").decode(octets).trim();
  if (HEX.test(text)) return Uint8Array.from(Buffer.from(text, "hex"));
  const advice = "head -c 32 /dev/urandom > KEYFILE makes one";
  throw new CloseWaitError(
    "usage",
    `expected a file of 32 octets or 64 hexadecimal digits, found ${octets.length} octets; ${advice}`,
  );
}
