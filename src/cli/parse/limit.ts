import { CloseWaitError } from "../../errors.ts";

/** Parses a number of rows, or `all`. */
export function parseLimit(text: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,14}$/.test(text)) {
    throw new CloseWaitError("usage", `'${text}' is not a number of rows: expected 1 or more, or all`);
  }
  return Number(text);
}
