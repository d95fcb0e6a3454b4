import type { CaptureReport } from "../analysis/model.ts";
import { countOf } from "./count.ts";
import { sanitize } from "./sanitize.ts";

/** One line for each thing that is wrong with a capture, beginning with its path. Printable as it is. */
export function warnings(captures: readonly CaptureReport[]): string[] {
  return captures.flatMap((capture) => {
    const path = sanitize(capture.path);
    return problemsOf(capture).map((problem) => (problem.startsWith(`${path}: `) ? problem : `${path}: ${problem}`));
  });
}

function problemsOf(capture: CaptureReport): string[] {
  const problems = capture.problems.map(({ message, count }) => {
    const text = sanitize(message);
    return count > 1 ? `${text} (${countOf(count, "time")})` : text;
  });
  if (capture.cutShort && !capture.problems.some((problem) => problem.kind.endsWith("cut-short"))) {
    problems.push("cut short inside a record; analyzed up to there");
  }
  if (capture.dropped !== null && capture.dropped > 0) {
    const dropped = `${countOf(capture.dropped, "packet")} dropped before they reached the file`;
    problems.push(`${dropped}; a missing FIN may be a missing packet`);
  }
  return problems;
}
