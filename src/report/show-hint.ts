import type { Analysis, Flow } from "../analysis/model.ts";
import { formatEndpoint } from "./endpoint-text.ts";
import { glue } from "./text-width.ts";

/** Needs no quotes in a shell. */
const PLAIN_WORD = /^[\w./:@%+,=-]+$/;

/** How to see a flow in full: a command line that shows the first of those listed. */
export function showHint({ captures }: Analysis, [first]: readonly Flow[]): string[] {
  if (first === undefined) return [];
  const [capture, ...others] = captures;
  const named = capture !== undefined && others.length === 0 && PLAIN_WORD.test(capture.path);
  const name = `${formatEndpoint(first.client)}-${formatEndpoint(first.server)}`;
  const flow = PLAIN_WORD.test(name) ? name : `'${name}'`;
  return [`One flow line by line: ${glue(`closewait show ${named ? capture.path : "FILE"} --flow ${flow}`)}`];
}
