import type { Output } from "./io.ts";

/** A terminal that does not tell its width. */
const TERMINAL_COLUMNS_DEFAULT = 80;
/** Into a pipe or a file lines are as long as they are, so that `head -1` gets the answer and `grep` a whole flow. */
const PIPE_COLUMNS = Number.POSITIVE_INFINITY;
const COLUMNS_MIN = 40;

type Environment = Readonly<Record<string, string | undefined>>;

/** NO_COLOR (no-color.org) goes before FORCE_COLOR, which goes before what the output is. */
export function wantsColour(env: Environment, output: Pick<Output, "isTerminal">): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return output.isTerminal && TERM !== "dumb";
}

/** The terminal's own width; COLUMNS, where someone exported it, goes before the guess. */
export function columnsOf(env: Environment, output: Pick<Output, "isTerminal" | "columns">): number {
  const { COLUMNS = "" } = env;
  const exported = /^\d+$/.test(COLUMNS) ? Number(COLUMNS) : undefined;
  const guess = output.isTerminal ? TERMINAL_COLUMNS_DEFAULT : PIPE_COLUMNS;
  return Math.max(COLUMNS_MIN, output.columns || exported || guess);
}

/** The first of POSIX's locale variables that is set decides; a terminal without any is taken for one of today. */
export function knowsUnicode({ LC_ALL, LC_CTYPE, LANG }: Environment): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value !== undefined && value !== "");
  return locale === undefined || /utf-?8/i.test(locale);
}
