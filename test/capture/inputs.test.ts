import { chmod, link, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { resolveInputs } from "../../src/capture/inputs.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const CAPTURE = pcapFile([]);

async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "below"));
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

async function resolvedIn(folder: string, ...names: string[]) {
  const inputs = await resolveInputs(names.map((name) => join(folder, name)));
  return inputs.map(({ path, problems, error }) => ({
    path: relative(folder, path),
    ...(problems.length > 0 && { problems: problems.map(({ count, message }) => `${count} ${message}`) }),
    ...(error && { error: error.message }),
  }));
}

/** Root may list any directory. */
async function asNobody<T>(ask: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return ask();
  process.seteuid?.(65_534);
  try {
    return await ask();
  } finally {
    process.seteuid?.(0);
  }
}

describe("a directory stands for the captures in it", () => {
  it("by content, at any depth, sorted by name; other files are passed over", async () => {
    const folder = await folderWith({
      "b.pcap": CAPTURE,
      "a.bin": pcapngFile([]),
      "c.log.gz": gzipSync("some log"),
      "d.gz": gzipSync(CAPTURE),
      "e.pcap.zst": Buffer.from("28b52ffd2400", "hex"),
      "f.tar.zst": Buffer.from("28b52ffd2400", "hex"),
      "g.pcap": "",
      "README.md": "# notes",
      "below/h.pcap1": CAPTURE,
    });
    const found = ["a.bin", "b.pcap", "below/h.pcap1", "d.gz", "e.pcap.zst"];
    expect(await resolvedIn(folder, ".")).toEqual(found.map((path) => ({ path })));
  });

  it("without any it is an error of its own", async () => {
    const folder = await folderWith({ "README.md": "# notes" });
    const error = `${folder}: no capture in this directory or below; pass the files themselves`;
    expect(await resolvedIn(folder, "")).toEqual([{ path: "", error }]);
  });

  it("that cannot be listed is an error of its own; what is beside it is read", async () => {
    const folder = await folderWith({ "a.pcap": CAPTURE });
    await chmod(folder, 0o755);
    await chmod(join(folder, "below"), 0);
    const why = "the directory cannot be listed (EACCES); pass the files themselves, or run as a user who may read it";
    expect(await asNobody(() => resolvedIn(folder, "below", ""))).toEqual([
      { path: "below", error: `${join(folder, "below")}: ${why}` },
      { path: "a.pcap" },
      { path: "below", error: `${join(folder, "below")}: ${why}` },
    ]);
  });
});

describe("a pattern stands for the files it matches", () => {
  it("sorted by name", async () => {
    const folder = await folderWith({ "b2.pcap": CAPTURE, "b1.pcap": CAPTURE, "c.pcap": CAPTURE });
    expect(await resolvedIn(folder, "b*.pcap")).toEqual([{ path: "b1.pcap" }, { path: "b2.pcap" }]);
  });

  it("unless a file is called just so", async () => {
    const folder = await folderWith({ "a[1].pcap": CAPTURE, "a1.pcap": CAPTURE });
    expect(await resolvedIn(folder, "a[1].pcap")).toEqual([{ path: "a[1].pcap" }]);
  });

  it("without any it is an error of its own", async () => {
    const folder = await folderWith({});
    const error = `${join(folder, "*.pcap")}: no such file, and as a pattern it matches none`;
    expect(await resolvedIn(folder, "*.pcap")).toEqual([{ path: "*.pcap", error }]);
  });
});

describe("the same file is taken once", () => {
  it("by the same name, another name, or within a directory", async () => {
    const folder = await folderWith({ "a.pcap": CAPTURE, "b.pcap": CAPTURE });
    await symlink(join(folder, "a.pcap"), join(folder, "link.pcap"));
    await link(join(folder, "a.pcap"), join(folder, "hard.pcap"));
    const a = join(folder, "a.pcap");
    expect(await resolvedIn(folder, "a.pcap", "a.pcap", ".")).toEqual([
      { path: "a.pcap", problems: [`4 given again as ${a}: read once`] },
      { path: "b.pcap" },
    ]);
  });

  it("and so are copies of it: the same octets under another name", async () => {
    const capture = pcapFile([{ at: 1_700_000_000_000_000_000n, octets: new Uint8Array(5000) }]);
    const lastOctetDiffers = Uint8Array.from(capture).fill(1, -1);
    const folder = await folderWith({
      "a.pcap": capture,
      "b.pcap": lastOctetDiffers,
      "copy.pcap": capture,
      "d.pcap": capture.subarray(0, -1),
      "empty.pcap": CAPTURE,
      "empty.pcap1": CAPTURE,
      "second copy.pcap": capture,
    });
    const message = `2 ${join(folder, "copy.pcap")} holds the same octets: read once`;
    expect(await resolvedIn(folder, ".")).toEqual([
      { path: "a.pcap", problems: [message] },
      { path: "b.pcap" },
      { path: "d.pcap" },
      { path: "empty.pcap" },
      { path: "empty.pcap1" },
    ]);
    expect(await resolvedIn(folder, "a.pcap", "copy.pcap", "copy.pcap")).toEqual([
      {
        path: "a.pcap",
        problems: [
          `1 ${join(folder, "copy.pcap")} holds the same octets: read once`,
          `1 given again as ${join(folder, "copy.pcap")}: read once`,
        ],
      },
    ]);
  });

  it("standard input, too", async () => {
    const problems = [{ kind: "given-again", count: 1, message: "given again as -: read once" }];
    expect(await resolveInputs(["-", "-"])).toEqual([{ path: "-", bytes: "-", problems, error: null }]);
  });
});

describe("anything else is taken as it is", () => {
  it("a path without a file: opening it says so", async () => {
    const folder = await folderWith({});
    expect(await resolvedIn(folder, "missing.pcap")).toEqual([{ path: "missing.pcap" }]);
  });

  it("bytes and streams", async () => {
    const stream = (async function* () {})();
    expect((await resolveInputs([CAPTURE, stream])).map(({ path }) => path)).toEqual(["(memory)", "(stream)"]);
  });
});
