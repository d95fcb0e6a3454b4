import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { openCaptureOutput, openCaptureStream } from "../../src/cli/capture-output.ts";
import { pcapFile } from "../build/captures.ts";
import { temporaryFolder } from "../capture/temporary-folder.ts";

const octets = (text: string) => new TextEncoder().encode(text);

describe("a capture that is written", () => {
  it("is there when it is complete, and not before", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "x.pcap");
    writeFileSync(path, "an older one");
    const output = await openCaptureOutput(path, []);
    output.write(octets("12"));
    output.write(octets("3".repeat(300_000)));
    expect(readFileSync(path, "utf8")).toBe("an older one");
    output.patch(1, octets("!"));
    await output.commit();
    expect(readFileSync(path, "utf8")).toBe(`1!${"3".repeat(300_000)}`);
    expect(readdirSync(folder)).toEqual(["x.pcap"]);
  });

  it("leaves no trace when it is discarded, whenever that is", async () => {
    const folder = await temporaryFolder();
    const output = await openCaptureOutput(join(folder, "x.pcap"), []);
    output.write(octets("12"));
    expect(readdirSync(folder)).toHaveLength(1);
    output.discard();
    output.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("does not listen for the end of the process any longer than it must", async () => {
    const before = process.listenerCount("exit") + process.listenerCount("SIGTERM");
    const output = await openCaptureOutput(join(await temporaryFolder(), "x.pcap"), []);
    expect(process.listenerCount("exit") + process.listenerCount("SIGTERM")).toBe(before + 2);
    await output.commit();
    expect(process.listenerCount("exit") + process.listenerCount("SIGTERM")).toBe(before);
  });

  it("goes where a symbolic link leads", async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, "there"));
    writeFileSync(join(folder, "there", "x.pcap"), "");
    symlinkSync(join("there", "x.pcap"), join(folder, "link.pcap"));
    const output = await openCaptureOutput(join(folder, "link.pcap"), []);
    output.write(octets("1"));
    await output.commit();
    expect(readFileSync(join(folder, "there", "x.pcap"), "utf8")).toBe("1");
  });

  it("fills a device and does not replace it", async () => {
    const output = await openCaptureOutput("/dev/null", []);
    output.write(octets("1"));
    await output.commit();
    expect(existsSync("/dev/null") && readFileSync("/dev/null", "utf8")).toBe("");
  });

  it("goes to standard output in one go", async () => {
    const stream = new PassThrough({ highWaterMark: 16 });
    let text = "";
    stream.on("data", (chunk) => {
      text += chunk;
    });
    const output = openCaptureStream(stream);
    output.write(octets("1".repeat(600_000)));
    output.patch(0, octets("2"));
    expect(text).toBe("");
    await output.commit();
    expect(text).toBe(`2${"1".repeat(599_999)}`);
  });
});

describe("a capture that cannot be written", () => {
  const capture = pcapFile([]);

  it.each([
    ["by its name", (folder: string) => join(folder, "in.pcap")],
    ["by another name", (folder: string) => join(folder, "same.pcap")],
    ["in a folder", (folder: string) => folder],
    ["by a pattern", (folder: string) => join(folder, "*.pcap")],
  ])("would overwrite an input, given %s", async (_, inputOf) => {
    const folder = await temporaryFolder();
    writeFileSync(join(folder, "in.pcap"), capture);
    linkSync(join(folder, "in.pcap"), join(folder, "same.pcap"));
    const path = join(folder, "in.pcap");
    await expect(openCaptureOutput(path, [inputOf(folder)])).rejects.toThrow(
      `-o ${path} would overwrite a capture that is to be read`,
    );
    expect(readdirSync(folder)).toEqual(["in.pcap", "same.pcap"]);
  });

  it("says why", async () => {
    const folder = await temporaryFolder();
    await expect(openCaptureOutput(join(folder, "none", "x.pcap"), [])).rejects.toThrow(
      `cannot write ${join(folder, "none", "x.pcap")}: no such file or directory`,
    );
    await expect(openCaptureOutput(folder, [])).rejects.toThrow(`cannot write ${folder}: is a directory`);
    const output = await openCaptureOutput(join(folder, "x.pcap"), []);
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    await expect(output.commit()).rejects.toThrow(`cannot write ${join(folder, "x.pcap")}: no such file or directory`);
    output.discard();
  });
});
