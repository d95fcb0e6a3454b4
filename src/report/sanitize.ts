/**
 * Captures and their names are hostile input. These characters never reach a terminal as they are: C0 and C1 control
 * codes and DEL (escape sequences), bidirectional and invisible format characters (text that reads as something else),
 * line and paragraph separators, lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Makes text of unknown origin printable on one line: an unsafe character becomes its visible escape, `\x1b` or `\u{202e}`. */
export function sanitize(text: string): string {
  return text.replace(UNSAFE, escapeVisibly);
}

function escapeVisibly(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
}
