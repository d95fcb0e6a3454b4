/** JSON for people: what fits into a line is one line, as Biome formats it. */
const COLUMNS_MAX = 120;

/** @returns {string} */
export function renderJson(/** @type {unknown} */ value) {
  return `${render(value, "", 0)}\n`;
}

/** @returns {string} */
function render(/** @type {unknown} */ value, /** @type {string} */ indent, /** @type {number} */ columnsTaken) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const line = renderLine(value);
  if (indent !== "" && columnsTaken + line.length + 1 <= COLUMNS_MAX) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return `[\n${value.map((item) => inner + render(item, inner, inner.length)).join(",\n")}\n${indent}]`;
  const members = Object.entries(value).map(([name, member]) => {
    const start = `${inner}${JSON.stringify(name)}: `;
    return start + render(member, inner, start.length);
  });
  return `{\n${members.join(",\n")}\n${indent}}`;
}

/** @returns {string} */
function renderLine(/** @type {unknown} */ value) {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(renderLine).join(", ")}]`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${renderLine(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
