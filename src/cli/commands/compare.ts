import type { Comparison } from "../../compare/model.ts";
import { CloseWaitError } from "../../errors.ts";
import { renderComparison } from "../../report/comparison-table.ts";
import { renderJson } from "../../report/json.ts";
import { ask } from "../ask.ts";
import { EXIT_CODES } from "../exit-code.ts";
import type { CompareFormat } from "../formats.ts";
import type { CliIo } from "../io.ts";
import { type RawOptions, readSettings } from "../settings.ts";
import { viewOf } from "../view-of.ts";
import { writeInPieces } from "../write-in-pieces.ts";

const ROWS_SHOWN = 20;

export interface RawCompareOptions extends Omit<RawOptions, "timeWait" | "finTimeout"> {
  readonly all?: true;
  readonly format: CompareFormat;
}

/** `closewait compare`. Returns the exit code. */
export async function runCompare(captures: readonly string[], raw: RawCompareOptions, io: CliIo): Promise<number> {
  const inputs = readPoints(captures);
  // No timer has a say in what was captured.
  const settings = readSettings({ ...raw, timeWait: "60s", finTimeout: "60s" });
  await ask<Comparison>(
    captures,
    settings,
    {
      ask: ({ compareCaptures }, options) => compareCaptures(inputs, raw.all ? "every" : "differing", options),
      tell(comparison, output) {
        const { rowCountMax } = settings;
        if (raw.format === "table") {
          const view = viewOf(settings, output, io);
          output.write(renderComparison(comparison, { ...view, rowCountMax: rowCountMax ?? ROWS_SHOWN }));
          return;
        }
        const flows = rowCountMax === null ? comparison.flows : comparison.flows.slice(0, rowCountMax);
        writeInPieces(renderJson({ ...comparison, flows }), output);
      },
    },
    io,
  );
  return EXIT_CODES.analyzed;
}

function readPoints(captures: readonly string[]): { readonly a: readonly string[]; readonly b: readonly string[] } {
  const [a, b, ...more] = captures;
  if (a === undefined || b === undefined || more.length > 0) {
    const expected = "two capture points: two files, directories, or patterns in quotation marks";
    throw new CloseWaitError("usage", `compare takes ${expected}; got ${captures.length}`);
  }
  if (a === "-" && b === "-") throw new CloseWaitError("usage", "only one point can be standard input");
  return { a: [a], b: [b] };
}
