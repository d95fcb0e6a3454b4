const BLOCKS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** For terminals without Unicode. */
const PLAIN = [".", ".", ":", ":", "-", "=", "+", "#"] as const;

/**
 * Numbers as a line of blocks, from zero to the largest: `▁▂▃▅▇█`. With more numbers than columns, each column shows the largest of its
 * share; zero is a space.
 */
export function sparkline(values: readonly number[], width: number, unicode: boolean): string {
  const columns = Math.min(width, values.length);
  const largest = Math.max(0, ...values);
  if (columns < 1 || largest === 0) return "";
  const levels = unicode ? BLOCKS : PLAIN;
  const columnOf = (index: number) => Math.floor((index * values.length) / columns);
  return Array.from({ length: columns }, (_, index) => {
    const value = Math.max(0, ...values.slice(columnOf(index), columnOf(index + 1)));
    return value === 0 ? " " : levels[Math.ceil((value / largest) * levels.length) - 1];
  }).join("");
}
