import { KINDS } from "../../diagnosis/kinds.ts";
import { CloseWaitError } from "../../errors.ts";

/** Something that makes the command exit with 1. */
export type FailCondition =
  | { readonly kind: "stuck" | "half-closed"; readonly above: number; readonly text: string }
  | { readonly kind: "finding"; readonly finding: string; readonly text: string }
  | { readonly kind: "problem"; readonly text: string };

/** Parses `stuck`, `stuck>3`, `half-closed`, `half-closed>10`, `finding:<kind>` or `problem`. */
export function parseFailOn(text: string): FailCondition {
  const compact = text.replaceAll(" ", "");
  if (compact === "problem") return { kind: "problem", text: compact };
  const count = /^(stuck|half-closed)(?:>(\d{1,15}))?$/.exec(compact);
  if (count !== null) {
    const kind = count[1] === "stuck" ? "stuck" : "half-closed";
    return { kind, above: Number(count[2] ?? 0), text: compact };
  }
  const finding = /^finding:([a-z][a-z0-9-]*)$/.exec(compact)?.[1];
  if (finding !== undefined) {
    // A misspelt kind would never be found, and whoever waits for it never warned.
    if (Object.hasOwn(KINDS, finding)) return { kind: "finding", finding, text: compact };
    throw new CloseWaitError("usage", `'${finding}' is no kind of finding: expected ${Object.keys(KINDS).join(", ")}`);
  }
  throw new CloseWaitError(
    "usage",
    `'${text}' is not a condition: expected stuck, stuck>3, half-closed, half-closed>10, finding:<kind> or problem`,
  );
}
