import { spawnSync } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import * as zlib from "node:zlib";
import { onTestFinished, vi } from "vitest";
import type { ZstdDecoder } from "../../src/capture/unzstd.ts";
import { concat, u32 } from "../build/octets.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export type Program = "zstd" | "lz4" | "xz" | "bzip2";

export function isInstalled(program: Program): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

/** Whether this Node.js knows zstd. */
export const NODE_HAS_ZSTD = "createZstdDecompress" in zlib;

export const ZSTD_DECODERS: readonly ZstdDecoder[] = [
  ...(NODE_HAS_ZSTD ? (["node"] as const) : []),
  ...(isInstalled("zstd") ? (["program"] as const) : []),
  "fzstd",
];

/** Compresses with the program; it writes one frame. */
export function packed(program: Program, octets: Uint8Array, ...options: string[]): Uint8Array {
  const { status, stdout, stderr } = spawnSync(program, ["-cq", ...options], { input: octets, maxBuffer: 2 ** 30 });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return new Uint8Array(stdout);
}

/** A zstd frame of stored blocks, to have one where no program makes it. https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1 */
export function zstdStored(octets: Uint8Array, blockOctets = 1000): Uint8Array {
  const windowOf128KiB = 7 << 3;
  const header = concat(u32(0xfd2fb528, "little"), [0, windowOf128KiB]);
  const blocks: Uint8Array[] = [];
  for (let at = 0; at === 0 || at < octets.length; at += blockOctets) {
    const block = octets.subarray(at, at + blockOctets);
    const isLast = at + blockOctets >= octets.length;
    blocks.push(zstdBlock(0, block.length, isLast), block);
  }
  return concat(header, ...blocks);
}

/** A frame of so many blocks, four octets each, that become 128 KiB of zeros each. */
export function zstdBomb(blockCount: number): Uint8Array {
  const windowOf128KiB = 7 << 3;
  const blocks = Array.from({ length: blockCount }, (_, index) =>
    concat(zstdBlock(1, 128 * 1024, index === blockCount - 1), [0]),
  );
  return Buffer.concat([concat(u32(0xfd2fb528, "little"), [0, windowOf128KiB]), ...blocks]);
}

function zstdBlock(type: number, size: number, isLast: boolean): Uint8Array {
  return u32((size << 3) | (type << 1) | Number(isLast), "little").slice(0, 3);
}

/** User data that decompressors pass over. */
export function skippable(octets: number): Uint8Array {
  return concat(u32(0x184d2a53, "little"), u32(octets, "little"), new Uint8Array(octets).fill(0x28));
}

/** Runs one test with no programs but these shell scripts. */
export async function withPrograms(scripts: Readonly<Record<string, string>>): Promise<void> {
  const folder = await temporaryFolder();
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\nPATH=/bin${delimiter}/usr/bin\n${script}\n`);
    await chmod(join(folder, name), 0o755);
  }
  vi.stubEnv("PATH", folder);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** Programs that this process has started and not yet buried, by name; on Linux, elsewhere nothing is found. */
export async function children(): Promise<readonly string[]> {
  const listed = await readFile(`/proc/self/task/${process.pid}/children`, "utf8").catch(() => "");
  const pids = listed.split(" ").filter((pid) => pid !== "");
  const names = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/comm`, "utf8").catch(() => "")));
  return names.map((name) => name.trim()).filter((name) => ["zstd", "lz4", "xz", "bzip2"].includes(name));
}
