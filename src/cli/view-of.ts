import type { View } from "../report/view.ts";
import type { CliIo, Output } from "./io.ts";
import type { Settings } from "./settings.ts";
import { columnsOf, knowsUnicode, wantsColour } from "./terminal.ts";

/** How text for this output is to look. */
export function viewOf({ utc, detail }: Settings, output: Output, io: CliIo): View {
  return {
    width: columnsOf(io.env, output),
    colour: wantsColour(io.env, output),
    timeZone: utc ? "UTC" : io.timeZone,
    unicode: knowsUnicode(io.env),
    detail,
  };
}
