import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";

/** Octets by which files of one size are told apart at first: the first records of two captures differ in their times. */
const START_OCTETS = 4096;

const BLOCK_OCTETS = 1024 * 1024;

/** A capture without records, which many rotated files are: nothing would be counted twice. */
const EMPTY_OCTETS_MAX = 24;

/** Files with the same start that one file is compared with. */
const COMPARED_MAX = 8;

interface Member {
  readonly path: string;
  readonly number: number;
}

/**
 * Finds files that hold the same octets under several names: a copy that was made while the capture was handed around would count every
 * connection twice. Only files of the same size and with the same start are read to tell, and those to the end: what is called the same
 * is the same.
 */
export class ContentCensus {
  readonly #bySize = new Map<bigint, Member[]>();
  readonly #byStart = new Map<string, Member[]>();

  /** The number of an earlier file with the same octets; null: there is none, and this one counts as earlier from now on. */
  async numberOfSame(path: string, size: bigint, number: number): Promise<number | null> {
    if (size <= EMPTY_OCTETS_MAX) return null;
    const alike = this.#bySize.get(size) ?? [];
    this.#bySize.set(size, alike);
    const member = { path, number };
    alike.push(member);
    const [first] = alike;
    if (first === member) return null;
    if (first && alike.length === 2) await this.#findAmongStarts(first, size);
    return this.#findAmongStarts(member, size);
  }

  async #findAmongStarts(member: Member, size: bigint): Promise<number | null> {
    const start = await startOf(member.path);
    if (start === null) return null;
    const key = `${size} ${start}`;
    const candidates = this.#byStart.get(key) ?? [];
    this.#byStart.set(key, candidates);
    for (const { path, number } of candidates) {
      if (await isSame(path, member.path)) return number;
    }
    if (candidates.length < COMPARED_MAX) candidates.push(member);
    return null;
  }
}

/** null: it cannot be read. Opening it will say why. */
async function startOf(path: string): Promise<string | null> {
  const start = await withFiles([path], async ([file]) => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START_OCTETS), 0, START_OCTETS, 0);
    return createHash("sha256").update(buffer.subarray(0, bytesRead)).digest("hex");
  }).catch(() => null);
  return start;
}

async function isSame(path: string, other: string): Promise<boolean> {
  return withFiles([path, other], async (files) => {
    const buffers = files.map(() => Buffer.alloc(BLOCK_OCTETS));
    for (let at = 0; ; at += BLOCK_OCTETS) {
      const [a, b] = await Promise.all(files.map((file, index) => readBlock(file, buffers[index], at)));
      if (a === undefined || b === undefined || !a.equals(b)) return false;
      if (a.length < BLOCK_OCTETS) return true;
    }
  }).catch(() => false);
}

/** Up to a block; shorter only at the end of the file. */
async function readBlock(file: FileHandle, buffer = Buffer.alloc(0), at = 0): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, at + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

async function withFiles<T>(
  paths: readonly string[],
  use: (files: [FileHandle, ...FileHandle[]]) => Promise<T>,
): Promise<T> {
  const files: FileHandle[] = [];
  try {
    for (const path of paths) files.push(await open(path));
    return await use(files as [FileHandle, ...FileHandle[]]);
  } finally {
    for (const file of files) await file.close();
  }
}
