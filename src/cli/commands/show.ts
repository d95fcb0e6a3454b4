import { renderJson } from "../../report/json.ts";
import { renderLadder } from "../../report/ladder-table.ts";
import { ask } from "../ask.ts";
import { EXIT_CODES } from "../exit-code.ts";
import type { ShowFormat } from "../formats.ts";
import type { CliIo } from "../io.ts";
import { type RawOptions, readSettings } from "../settings.ts";
import { viewOf } from "../view-of.ts";
import { writeInPieces } from "../write-in-pieces.ts";

export interface RawShowOptions extends RawOptions {
  readonly flow: string;
  readonly format: ShowFormat;
}

/** `closewait show`. Returns the exit code. */
export async function runShow(captures: readonly string[], raw: RawShowOptions, io: CliIo): Promise<number> {
  const settings = readSettings(raw);
  await ask(
    captures,
    settings,
    {
      ask: ({ showFlow }, options) => showFlow(captures, raw.flow, options),
      tell(ladder, output) {
        if (raw.format === "json") writeInPieces(renderJson(ladder), output);
        else output.write(renderLadder(ladder, viewOf(settings, output, io)));
      },
    },
    io,
  );
  return EXIT_CODES.analyzed;
}
