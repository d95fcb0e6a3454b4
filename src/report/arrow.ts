import type { Side } from "../analysis/model.ts";
import { textWidth } from "./text-width.ts";

const SHAFT = "─";

/** Columns that an arrow takes besides its label. */
export const ARROW_EXTRA_WIDTH = "── ".length + " ─▶".length;

/** `── S seq 0 ───────▶` from the client, `◀─ S. seq 0, ack 1 ──` from the server. */
export function renderArrow(from: Side, label: string, width: number): string {
  const shaft = SHAFT.repeat(Math.max(1, width - textWidth(label) - "── ".length - " ".length - "▶".length));
  return from === "client" ? `── ${label} ${shaft}▶` : `◀─ ${label} ${shaft}${SHAFT}`;
}
