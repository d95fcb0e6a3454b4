import type { Problem } from "./record.ts";

/** Problems by kind, in order of first appearance: the first message is kept, further ones are counted. */
export class ProblemLog {
  readonly list: Problem[] = [];

  add(kind: string, message: string, count = 1): void {
    const known = this.list.find((problem) => problem.kind === kind);
    if (known) known.count += count;
    else this.list.push({ kind, count, message });
  }
}

/** Behind the message of what ends a capture. */
export const UP_TO_THERE = ": analyzed up to there";

/** `1234567` as `1,234,567`: numbers in messages are read by people. */
export function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** The one sentence for inputs that end too early. `what` names the unit, e.g. "record 1,234". */
export function endsInside(what: string, needed: number, had: number, at: number): string {
  const counts = `needed ${grouped(needed)} octets, had ${grouped(had)}, at byte ${grouped(at)}`;
  return `ends inside ${what} (${counts})${UP_TO_THERE}`;
}
