import { basename, dirname, join } from "node:path";

/** A file of a rotation, by the number in its name. */
interface Place {
  readonly set: string;
  readonly number: number;
}

export const COMPRESSION_SUFFIX = /\.(gz|zst|lz4|xz|bz2)$/i;

/** How capture programs number their files; each has a prefix, a number and a rest. */
const NUMBERED: readonly RegExp[] = [
  /^(?<prefix>.*)_(?<number>\d{5})_\d{14}(?<rest>\.[^.]*)?$/, // dumpcap -b, editcap -c: a_00001_20261120173939.pcapng
  /^(?<prefix>.*)_\d{14}_(?<number>\d{5})(?<rest>\.[^.]*)?$/, // dumpcap -b nametimenum:2
  /^(?<prefix>.*\.[a-z]+)(?<number>\d{1,6})$/i, // tcpdump -C: a.pcap, a.pcap1, …; with -W: a.pcap00, a.pcap01, …
];

/** tcpdump -C does not number its first file. */
const UNNUMBERED = /^(?<prefix>.*\.[a-z]+)$/i;

/** Numbers that no file of a rotation has, between two that have theirs. */
export interface Missing {
  /** Places in the list of captures. */
  readonly before: number;
  readonly after: number;
  /** `number 3 of its rotation is missing`. */
  readonly message: string;
}

/**
 * Files that are missing from numbered rotations. The captures come sorted by first record. Numbers that begin again (a ring buffer) hide
 * nothing, and names made of dates (tcpdump -G) are no numbers: there a missing file cannot be told from a quiet hour.
 */
export function missingFiles(paths: readonly string[]): Missing[] {
  const sets = new Map<string, { readonly number: number; readonly capture: number }[]>();
  for (const [capture, path] of paths.entries()) {
    const place = placeOf(path);
    if (place === null) continue;
    const members = sets.get(place.set) ?? [];
    sets.set(place.set, members);
    members.push({ number: place.number, capture });
  }
  return [...sets.values()].flatMap((members) => {
    const sorted = members.sort((a, b) => a.number - b.number);
    return sorted.flatMap(({ number, capture }, index) => {
      const earlier = sorted[index - 1];
      if (earlier === undefined || number - earlier.number <= 1 || earlier.capture > capture) return [];
      return [{ before: earlier.capture, after: capture, message: missingText(earlier.number + 1, number - 1) }];
    });
  });
}

function placeOf(path: string): Place | null {
  const name = basename(path).replace(COMPRESSION_SUFFIX, "");
  for (const pattern of NUMBERED) {
    const { prefix, number, rest = "" } = pattern.exec(name)?.groups ?? {};
    if (number !== undefined) return { set: join(dirname(path), `${prefix}*${rest}`), number: Number(number) };
  }
  const { prefix } = UNNUMBERED.exec(name)?.groups ?? {};
  return prefix === undefined ? null : { set: join(dirname(path), `${prefix}*`), number: 0 };
}

function missingText(first: number, last: number): string {
  const which =
    first === last ? `number ${first} of its rotation is` : `numbers ${first} to ${last} of its rotation are`;
  return `${which} missing: connections that were open then are judged with less confidence`;
}
