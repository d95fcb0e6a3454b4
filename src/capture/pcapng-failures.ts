// What is said of a pcapng capture that breaks off. In its first block nothing is a capture yet, so that is an error and not a problem.

import type { CloseWaitError } from "../errors.ts";
import { BLOCK_OCTETS_MAX } from "./limits.ts";
import { BLOCK, SECTION } from "./pcapng-layout.ts";
import type { OptionFault } from "./pcapng-options.ts";
import { grouped } from "./problem-log.ts";
import { type InputName, unusable } from "./unusable.ts";

/** Where the reader stands. */
export interface BlockPlace {
  readonly name: InputName;
  /** Blocks in front of it. */
  readonly blocks: number;
  readonly position: number;
}

export interface Failure {
  readonly kind: string;
  readonly message: string;
}

export function notASection(name: InputName): CloseWaitError {
  return unusable("not-a-capture", name, "expected a pcapng section header (0a0d0d0a) at byte 0", 0);
}

/** `block 4 at byte 84`. */
export function blockName({ blocks, position }: BlockPlace): string {
  return `block ${grouped(blocks + 1)} at byte ${grouped(position)}`;
}

export function badLength(kind: "corrupt-block" | "absurd-length", octets: number, place: BlockPlace): Failure {
  if (place.blocks === 0) {
    const message = `the section header declares a length of ${grouped(octets)} octets at byte ${BLOCK.totalLength}`;
    throw unusable("corrupt", place.name, message, BLOCK.totalLength);
  }
  const limit = kind === "absurd-length" ? ` (at most ${grouped(BLOCK_OCTETS_MAX)} are plausible)` : "";
  return { kind, message: `${blockName(place)} declares a length of ${grouped(octets)} octets${limit}` };
}

export function badByteOrder(found: number, place: BlockPlace): Failure {
  const message = `expected byte-order magic 1a2b3c4d, found ${found.toString(16).padStart(8, "0")}`;
  if (place.blocks === 0) {
    throw unusable("corrupt", place.name, `${message} at byte ${SECTION.byteOrder}`, SECTION.byteOrder);
  }
  return { kind: "corrupt-block", message: `${message} in ${blockName(place)}` };
}

export function badVersion(major: number, minor: number, place: BlockPlace): Failure {
  const message = `expected pcapng version 1.x, found ${major}.${minor}`;
  if (place.blocks === 0) {
    throw unusable("unsupported", place.name, `${message} at byte ${SECTION.major}`, SECTION.major);
  }
  return { kind: "unsupported-section", message: `${message} in ${blockName(place)}` };
}

export function absurdRecord(frame: number, found: number, max: number, { position }: BlockPlace): Failure {
  const lengths = `declares ${grouped(found)} captured octets (at most ${grouped(max)} are plausible)`;
  return { kind: "absurd-length", message: `record ${grouped(frame)} at byte ${grouped(position)} ${lengths}` };
}

export function badOption(fault: OptionFault, unit: string, place: BlockPlace): Failure {
  const what =
    fault === "overrun" ? "is longer than its block: ignored, with those behind it" : "has a wrong length: ignored";
  return { kind: "bad-option", message: `${unit} of ${blockName(place)} ${what}` };
}
