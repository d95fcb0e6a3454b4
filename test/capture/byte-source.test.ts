import { spawnSync } from "node:child_process";
import { chmod, readdir, readlink, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { type ByteInput, openSource, type SourceOptions } from "../../src/capture/byte-source.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const OCTETS = Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff);

async function readAll(input: ByteInput, options?: SourceOptions) {
  const source = await openSource(input, options);
  const sizes: number[] = [];
  const octets: number[] = [];
  for await (const chunk of source.chunks()) {
    sizes.push(chunk.length);
    octets.push(...chunk);
  }
  return { source, sizes, octets };
}

describe("bytes come from", () => {
  it("a file, through two buffers", async () => {
    const path = join(await temporaryFolder(), "a.pcap");
    await writeFile(path, OCTETS);
    const { source, sizes, octets } = await readAll(path, { chunkOctets: 300 });
    expect(octets).toEqual([...OCTETS]);
    expect(sizes).toEqual([300, 300, 300, 100]);
    expect(source).toMatchObject({ name: path, size: 1000, bytesRead: 1000, reopenable: true });
  });

  it("memory", async () => {
    const { source, sizes, octets } = await readAll(OCTETS, { chunkOctets: 400 });
    expect(octets).toEqual([...OCTETS]);
    expect(sizes).toEqual([400, 400, 200]);
    expect(source).toMatchObject({ size: 1000, bytesRead: 1000, reopenable: true });
  });

  it.each<[string, () => AsyncIterable<Uint8Array>]>([
    ["a Node stream", () => Readable.from([Buffer.from(OCTETS.subarray(0, 10)), Buffer.from(OCTETS.subarray(10))])],
    ["a web stream", () => new Response(OCTETS).body as ReadableStream<Uint8Array>],
  ])("%s", async (_name, open) => {
    const { source, octets } = await readAll(open());
    expect(octets).toEqual([...OCTETS]);
    expect(source).toMatchObject({ name: "(stream)", size: null, bytesRead: 1000, reopenable: false });
  });

  it("a named pipe", async () => {
    const pipe = join(await temporaryFolder(), "pipe");
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    const [{ source, octets }] = await Promise.all([readAll(pipe), writeFile(pipe, OCTETS)]);
    expect(octets).toEqual([...OCTETS]);
    expect(source).toMatchObject({ size: null, reopenable: false });
  });
});

describe("what cannot be read says why in one line", () => {
  it("no such file", async () => {
    const path = join(await temporaryFolder(), "missing.pcap");
    await expect(openSource(path)).rejects.toThrow(
      expect.objectContaining({ code: "unreadable", file: path, message: `${path}: no such file; check the path` }),
    );
  });

  it("a directory", async () => {
    const folder = await temporaryFolder();
    await expect(openSource(folder)).rejects.toThrow(
      expect.objectContaining({ code: "unreadable", message: `${folder}: is a directory, not a capture` }),
    );
  });

  it("a loop of symbolic links", async () => {
    const path = join(await temporaryFolder(), "loop");
    await symlink(path, path);
    await expect(openSource(path)).rejects.toThrow(`${path}: too many symbolic links; check the path`);
  });

  it.skipIf(process.getuid?.() === 0)("a file of somebody else", async () => {
    const path = join(await temporaryFolder(), "secret.pcap");
    await writeFile(path, OCTETS);
    await chmod(path, 0);
    const message = `${path}: permission denied; run as a user who may read it, or change its mode`;
    await expect(readAll(path)).rejects.toThrow(expect.objectContaining({ code: "unreadable", message }));
  });

  it("a stream that fails", async () => {
    const failing = (async function* () {
      yield OCTETS;
      throw new Error("unplugged");
    })();
    const message = "(stream): cannot be read (Error: unplugged)";
    await expect(readAll(failing)).rejects.toThrow(expect.objectContaining({ code: "unreadable", message }));
  });

  it("a stream of strings", async () => {
    const strings = Readable.from(["text"]) as AsyncIterable<Uint8Array>;
    const message =
      "(stream): the stream brought something else than Uint8Array; do not set an encoding or object mode on it";
    await expect(readAll(strings)).rejects.toThrow(expect.objectContaining({ code: "unreadable", message }));
  });
});

describe("an abort ends the input", () => {
  it("even one that is waiting for bytes that never come", async () => {
    const abort = new AbortController();
    const silent = new Readable({ read: () => setImmediate(() => abort.abort()) });
    expect((await readAll(silent, { signal: abort.signal })).octets).toEqual([]);
    expect(silent.destroyed).toBe(true);
  });

  it("between two chunks", async () => {
    const abort = new AbortController();
    const source = await openSource(OCTETS, { signal: abort.signal, chunkOctets: 100 });
    for await (const _ of source.chunks()) abort.abort();
    expect(source.bytesRead).toBe(100);
  });
});

describe("a file is closed", () => {
  const isOpen = async (path: string) => {
    const targets = (await readdir("/proc/self/fd")).map((name) => readlink(`/proc/self/fd/${name}`).catch(() => null));
    return (await Promise.all(targets)).includes(path);
  };

  it.skipIf(process.platform !== "linux")("when the loop is left early, too", async () => {
    const path = join(await temporaryFolder(), "a.pcap");
    await writeFile(path, OCTETS);
    const source = await openSource(path, { chunkOctets: 10 });
    for await (const _ of source.chunks()) {
      expect(await isOpen(path)).toBe(true);
      break;
    }
    expect(await isOpen(path)).toBe(false);
  });
});
