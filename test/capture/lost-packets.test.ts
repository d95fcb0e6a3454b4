import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { conversation } from "../build/conversation.ts";
import { temporaryFolder } from "./temporary-folder.ts";

// Rule 20: a missing FIN may be a missing packet, also where no flow can tell by its own numbers.

const OPENED = "0 c > s [S]\n +1ms s > c [S.]\n +1ms c > s [.]";
const CLOSE_WAIT = `${OPENED}\n 1 c > s [F.]\n +1ms s > c [.]`;
const CLOSED = `${CLOSE_WAIT}\n 2 s > c [F.]\n +1ms c > s [.]`;
const reasonsOf = async (inputs: readonly (string | Uint8Array)[]) => {
  const { flows, captures } = await analyzeCaptures(inputs, { flows: "every" });
  return { reasons: flows.map(({ reasons }) => reasons.join()), captures };
};

describe("a capture that dropped packets lowers the confidence in what it shows as open", () => {
  it.each([
    ["half-closed", CLOSE_WAIT, { dropped: 3 }, "capture-loss"],
    ["half-closed, nothing dropped", CLOSE_WAIT, { dropped: 0 }, ""],
    ["half-closed, nothing said about drops", CLOSE_WAIT, {}, ""],
    ["established", OPENED, { dropped: 3 }, "capture-loss"],
    ["closed", CLOSED, { dropped: 3 }, ""],
  ])("%s", async (_name, text, capture, reason) => {
    const { reasons } = await reasonsOf([conversation(`${text}\n 10 -- other traffic`).pcapng(capture)]);
    expect(reasons).toEqual([reason]);
  });
});

describe("a file that is missing from a rotation", () => {
  const early = conversation(`${CLOSE_WAIT}\n 10 -- other traffic`);
  const late = conversation(`0.5 a > b [S]\n +1ms b > a [S.]\n +1ms a > b [.]\n 1 a > b [F.]\n +1ms b > a [.]`, {
    epoch: "2026-01-01T00:05:00Z",
    parties: { a: "10.0.0.7:1000", b: "10.0.0.8:80" },
  });

  async function analyzed(first: string, second: string) {
    const folder = await temporaryFolder();
    await writeFile(join(folder, first), early.pcap());
    await writeFile(join(folder, second), late.pcap());
    return reasonsOf([folder]);
  }

  it("is a warning, and lowers the confidence in what was open before", async () => {
    const { reasons, captures } = await analyzed("a.pcap1", "a.pcap3");
    expect(reasons).toEqual(["capture-loss", ""]);
    const message =
      "number 2 of its rotation is missing: connections that were open then are judged with less confidence";
    expect(captures.map(({ problems }) => problems)).toEqual([[], [{ kind: "missing-file", count: 1, message }]]);
  });

  it("is none where all are there", async () => {
    expect(await analyzed("a.pcap1", "a.pcap2")).toMatchObject({ reasons: ["", ""], captures: [{}, { problems: [] }] });
  });
});
