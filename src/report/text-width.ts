// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the colours this package itself adds.
const COLOUR_CODE = /\u001b\[[0-9;]*m/g;
const ASCII = /^[\x20-\x7e]*$/;
const ZERO_WIDTH = /\p{Mn}|\p{Me}/u;
const DOUBLE_WIDTH =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u;

/** Columns that text takes on a terminal, colours not counted. */
export function textWidth(text: string): number {
  const plain = text.replace(COLOUR_CODE, "");
  if (ASCII.test(plain)) return plain.length;
  let width = 0;
  for (const character of plain) {
    if (ZERO_WIDTH.test(character)) continue;
    width += DOUBLE_WIDTH.test(character) ? 2 : 1;
  }
  return width;
}

export function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - textWidth(text)));
}

/**
 * Lays parts out in lines of at most `width` columns. A line breaks between parts only, so that an address or a frame
 * number is never cut; a part that is wider than a line stands alone on it. Lines after the first begin with `indent`.
 */
export function foldParts(parts: readonly string[], separator: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const [position, part] of parts.entries()) {
    const last = position === parts.length - 1;
    const text = last ? part : part + separator.trimEnd();
    const gap = line.trim() === "" ? "" : separator.slice(separator.trimEnd().length);
    if (gap !== "" && textWidth(line) + textWidth(gap + text) > width) {
      lines.push(line);
      line = indent + text;
    } else {
      line += gap + text;
    }
  }
  lines.push(line);
  return lines;
}

const GLUE = "\u00a0";

/** Keeps words on one line, such as those of `10 min 2 s`; `wrapWords` prints ordinary spaces. */
export function glue(text: string): string {
  return text.replaceAll(" ", GLUE);
}

/** Word wrap for prose. The first line keeps the spaces that the text begins with. */
export function wrapWords(text: string, width: number, indent = ""): string[] {
  const words = text.trimStart().split(" ");
  const lead = text.slice(0, text.length - text.trimStart().length);
  return foldParts([lead + (words[0] ?? ""), ...words.slice(1)], " ", width, indent).map((line) =>
    line.replaceAll(GLUE, " "),
  );
}
