import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ByteInput } from "../../src/capture/byte-source.ts";
import { openCaptures } from "../../src/capture/capture-set.ts";
import { resolveInputs } from "../../src/capture/inputs.ts";
import { pcapFile } from "../build/captures.ts";
import { concat } from "../build/octets.ts";
import { children, isInstalled, packed, withPrograms } from "./compressed.ts";
import { chunksOf } from "./read-records.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Octets that do not compress to nothing, the same ones every time. */
const FRAMES = Array.from({ length: 400 }, (_, index) => ({
  at: 1_700_000_000_000_000_000n + BigInt(index) * 1_000_000n,
  octets: Uint8Array.from({ length: index }, (_, at) => (index * 2_654_435_761 + at * at * 40_503) >>> 11),
}));
const PLAIN = pcapFile(FRAMES);

async function read(input: ByteInput) {
  const set = await openCaptures([input]);
  let packets = 0;
  for await (const turn of set.turns()) while (turn.next()) packets++;
  const [{ compression, cutShort, problems } = { compression: null, cutShort: null, problems: [] }] = set.captures;
  return { packets, compression, cutShort, problems: problems.map(({ kind }) => kind) };
}

async function* streamed(octets: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  yield* chunksOf(octets, [size]);
}

afterEach(async () => expect(await children()).toEqual([]));

describe.each(["xz", "bzip2"] as const)("%s, by the program of the system", (compression) => {
  const isHere = isInstalled(compression);
  const whole = isHere ? packed(compression, PLAIN) : new Uint8Array(0);
  const parts = isHere
    ? concat(packed(compression, PLAIN.subarray(0, 999)), packed(compression, PLAIN.subarray(999)))
    : whole;
  const good = { packets: 400, compression, cutShort: false, problems: [] };

  it.runIf(isHere).each<[string, () => ByteInput]>([
    ["at once", () => whole],
    ["in pieces", () => streamed(whole, 7)],
    ["several streams", () => parts],
  ])("gives the records: %s", async (_name, input) => {
    expect(await read(input())).toEqual(good);
  });

  it.runIf(isHere)("cut short gives what lies in front, and says so", async () => {
    const reading = await read(whole.subarray(0, whole.length - 20)).catch((error: Error) => error.message);
    // bzip2 has blocks of 900 kB: of a shorter capture nothing is left.
    if (compression === "bzip2") expect(reading).toMatchObject({ packets: 0, problems: ["compression-cut-short"] });
    else expect(reading).toMatchObject({ packets: 400, cutShort: true, problems: ["compression-cut-short"] });
  });

  it.runIf(isHere)("damaged is called damaged", async () => {
    const damaged = Uint8Array.from(whole);
    damaged.fill(0x55, 200, 240);
    const reading = await read(damaged).catch((error: Error) => error.message);
    if (typeof reading === "string") expect(reading).toBe(`(memory): its ${compression} data are damaged`);
    else expect(reading.problems).toContain("compression-corrupt");
  });

  it.runIf(isHere)("is found in a directory, whatever it is called", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "below"));
    await writeFile(join(folder, "below", "a"), whole);
    await writeFile(join(folder, "log"), packed(compression, new TextEncoder().encode("some log")));
    expect((await resolveInputs([folder])).map(({ path }) => path)).toEqual([join(folder, "below", "a")]);
  });

  it("without the program says what to do", async () => {
    await withPrograms({});
    const start = Buffer.from(compression === "xz" ? "fd377a585a0000" : "425a6839314159265359", "hex");
    const message = `(memory): compressed with ${compression}; install ${compression}, or decompress first: ${compression} -dc FILE | closewait -`;
    await expect(read(start)).rejects.toThrow(expect.objectContaining({ code: "unsupported", message }));
  });
});
