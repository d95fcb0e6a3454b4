import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openOutputFile } from "../../src/cli/output-file.ts";
import { progressLine } from "../../src/cli/progress.ts";
import { columnsOf } from "../../src/cli/terminal.ts";
import { CloseWaitError } from "../../src/errors.ts";

describe("width", () => {
  it.each([
    [{ isTerminal: true, columns: 132 }, {}, 132],
    [{ isTerminal: true, columns: 132 }, { COLUMNS: "100" }, 132],
    [{ isTerminal: true, columns: undefined }, {}, 80],
    [{ isTerminal: true, columns: 0 }, {}, 80],
    [{ isTerminal: true, columns: 10 }, {}, 40],
    [{ isTerminal: false, columns: undefined }, {}, Number.POSITIVE_INFINITY],
    [{ isTerminal: false, columns: undefined }, { COLUMNS: "100" }, 100],
    [{ isTerminal: false, columns: undefined }, { COLUMNS: "wide" }, Number.POSITIVE_INFINITY],
  ])("of %j with %j is %d", (output, env, width) => {
    expect(columnsOf(env, output)).toBe(width);
  });
});

describe("progress", () => {
  const MIB = 1024 * 1024;
  it.each([
    [
      { bytesRead: 118 * MIB, bytesTotal: 262 * MIB, packets: 1_230_000 },
      10,
      "45 %  118 of 262 MiB  123,000 packets/s  13 s left",
    ],
    [{ bytesRead: 262 * MIB, bytesTotal: 262 * MIB, packets: 10 }, 10, "100 %  262 of 262 MiB  1 packets/s  0 s left"],
    [{ bytesRead: 5 * MIB, bytesTotal: null, packets: 10 }, 10, "5 MiB  1 packets/s"],
    [{ bytesRead: 0, bytesTotal: 262 * MIB, packets: 0 }, 0, "0 %  0 of 262 MiB  0 packets/s"],
  ])("%j", (progress, seconds, line) => {
    expect(progressLine(progress, seconds)).toBe(line);
  });
});

describe("an output file", () => {
  const folder = mkdtempSync(join(tmpdir(), "closewait-"));
  const path = (name: string) => join(folder, name);
  afterAll(() => rmSync(folder, { recursive: true }));

  it("replaces an older result at the first write", () => {
    writeFileSync(path("old"), "a much longer older result");
    const file = openOutputFile(path("old"), []);
    file.write("new ");
    file.write("result");
    file.close();
    expect(readFileSync(path("old"), "utf8")).toBe("new result");
  });

  it("leaves an older result alone when nothing is written", () => {
    writeFileSync(path("kept"), "older");
    openOutputFile(path("kept"), []).discard();
    expect(readFileSync(path("kept"), "utf8")).toBe("older");
  });

  it("leaves nothing behind when nothing is written", () => {
    openOutputFile(path("none"), []).discard();
    expect(() => readFileSync(path("none"))).toThrow("ENOENT");
  });

  it("is never one of the captures, by whatever name", () => {
    writeFileSync(path("a.pcap"), "evidence");
    symlinkSync(path("a.pcap"), path("link"));
    expect(() => openOutputFile(path("link"), [path("a.pcap")])).toThrow(
      new CloseWaitError("usage", `-o ${path("link")} would overwrite a capture that is to be read`),
    );
    expect(readFileSync(path("a.pcap"), "utf8")).toBe("evidence");
  });

  it("says in one line why it cannot be written", () => {
    expect(() => openOutputFile(path("no/where"), [])).toThrow(
      new CloseWaitError("usage", `cannot write ${path("no/where")}: no such file or directory`),
    );
  });
});
