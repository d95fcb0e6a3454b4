import type { LadderLine, NumberPair } from "../analysis/ladder.ts";
import { countOf } from "./count.ts";
import { formatDuration } from "./duration.ts";
import { sanitize } from "./sanitize.ts";
import { secondsBetween } from "./time-span.ts";

/**
 * What a line says, the most important first: flags, payload, sequence numbers, acknowledgment.
 * @param verbose also absolute numbers, and the window as it is in the packet
 */
export function ladderLabel(line: LadderLine, verbose: boolean): string[] {
  const number = (value: NumberPair) => (verbose ? `${value.relative} (${value.absolute})` : `${value.relative}`);
  const [first, ...rest] = [
    ...amountOf(line),
    ...sequence(line, number),
    ...(line.ack === null ? [] : [`ack ${number(line.ack)}`]),
    ...(verbose ? [`raw window ${line.window}`] : []),
  ];
  return [[sanitize(line.flags), first].join(" ").trimEnd(), ...rest];
}

/** `12 segments, 34,560 bytes in 0.8 s`; of a FIN that was retransmitted `3 copies in 1.4 s`. */
function amountOf({ kind, segments, payloadBytes, at, lastAt }: LadderLine): string[] {
  const amounts = [
    ...(segments > 1 ? [kind === "run" ? countOf(segments, "segment") : countOf(segments, "copy", "copies")] : []),
    ...(payloadBytes > 0 ? [countOf(payloadBytes, "byte")] : []),
  ];
  const seconds = secondsBetween(at, lastAt);
  if (segments <= 1 || seconds === null || seconds === 0) return amounts;
  return amounts.with(-1, `${amounts.at(-1)} in ${formatDuration(seconds)}`);
}

/** As tcpdump has it: the end is not included. A bare acknowledgment has none of its own. */
function sequence(line: LadderLine, number: (value: NumberPair) => string): string[] {
  const { seq, seqEnd, payloadBytes, flags } = line;
  if (payloadBytes > 0) return [`seq ${number(seq)}:${number(seqEnd)}`];
  return /[SFR]/.test(flags) ? [`seq ${number(seq)}`] : [];
}
