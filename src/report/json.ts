import type { Flow } from "../analysis/model.ts";

/**
 * Characters that JSON lets through and a terminal obeys or a reader misreads: DEL, C1 control codes, line separators,
 * bidirectional controls. They only occur inside strings, where their escape means the same.
 */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * A result as one JSON document, indented by one space. The order of fields and of arrays is that of the result, which
 * documents it. In pieces: a long capture's flows may be longer than the longest string.
 */
export function* renderJson(result: object): Generator<string> {
  const entries = Object.entries(result);
  yield "{\n";
  for (const [position, [name, value]] of entries.entries()) {
    const comma = position === entries.length - 1 ? "" : ",";
    yield ` ${JSON.stringify(name)}: `;
    if (Array.isArray(value) && value.length > 0) yield* renderArray(value);
    else yield stringify(value, 1).replaceAll("\n", "\n ");
    yield `${comma}\n`;
  }
  yield "}\n";
}

function* renderArray(values: readonly unknown[]): Generator<string> {
  yield "[\n";
  for (const [position, value] of values.entries()) {
    const comma = position === values.length - 1 ? "" : ",";
    yield `  ${stringify(value, 1).replaceAll("\n", "\n  ")}${comma}\n`;
  }
  yield " ]";
}

/** One flow as one line of JSON. */
export function renderNdjsonLine(flow: Flow): string {
  return `${stringify(flow, 0)}\n`;
}

function stringify(value: unknown, indent: number): string {
  return JSON.stringify(value, null, indent).replace(UNSAFE_IN_JSON, escapeUnit);
}

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
