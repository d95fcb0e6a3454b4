import type { Output } from "./io.ts";

/** Text is handed on in pieces of about this many characters: few writes, flat memory. */
export const PIECE_LENGTH = 64 * 1024;

export function writeInPieces(texts: Iterable<string>, output: Output): void {
  let piece = "";
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    output.write(piece);
    piece = "";
  }
  if (piece !== "") output.write(piece);
}
