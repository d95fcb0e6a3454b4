/** What comments say, as our reader and tshark read them. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCaptures } from "../../src/capture/capture-set.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { type Conversation, conversation } from "../build/conversation.ts";
import { temporaryFolder } from "../capture/temporary-folder.ts";
import { hasTshark } from "../captures/facts-by-tshark.ts";
import { extracted } from "./extracted.ts";

const HANDSHAKE = `
  0.000  c > s  [S]
  0.001  s > c  [S.]
  0.002  c > s  [.]
`;
const foreign = (text: string) =>
  conversation(
    `
  0.000  d > s  [S]
  0.001  s > d  [R.]
  ${text}`,
    { parties: { d: "10.0.0.3:41000" } },
  );

const never = foreign(`${HANDSHAKE}
  2.000  c > s  [F.]
  2.040  s > c  [.]
  60     --  other traffic
`);

async function commentsOf(file: Uint8Array): Promise<string[]> {
  const { turns, captures } = await openCaptures([file]);
  for await (const turn of turns()) while (turn.next());
  return captures
    .flatMap(({ annotations }) => annotations?.comments ?? [])
    .map(({ frame, text }) => `${frame}: ${text}`);
}

const annotated = async (made: Conversation, settings: Parameters<typeof extracted>[1] = {}) =>
  commentsOf((await extracted([made.pcap()], { annotate: true, flows: "ever", ...settings })).file);

describe("comments name the records of the output, and where they came from", () => {
  it("of a half-close that is never answered", async () => {
    expect(await annotated(never)).toEqual([
      "4: FIN from 10.0.0.1:40000, acknowledged in frame 5, never answered by 10.0.0.2:8080 (frame 6 of (memory))",
      "5: ACK of the FIN in frame 4: 10.0.0.2:8080 knows that 10.0.0.1:40000 will send no more, and is in CLOSE-WAIT until it closes (frame 7 of (memory))",
    ]);
  });

  it("only the former if they have the same number", async () => {
    expect((await annotated(never, { flows: "every" }))[0]).toBe("2: RST from 10.0.0.2:8080: the connection is reset");
    expect((await annotated(never, { flows: "every" }))[1]).toBe(
      "6: FIN from 10.0.0.1:40000, acknowledged in frame 7, never answered by 10.0.0.2:8080",
    );
  });

  it("of one that a late FIN ends", async () => {
    const late = conversation(`${HANDSHAKE}
      2.000  c > s  [F.]
      2.040  s > c  [.]
      61     s > c  [F.]
      61.001 c > s  [.]
    `);
    expect(await annotated(late)).toEqual([
      "4: FIN from 10.0.0.1:40000, acknowledged in frame 5, answered by the FIN of 10.0.0.2:8080 in frame 6 after 59 s",
      "5: ACK of the FIN in frame 4: 10.0.0.2:8080 knows that 10.0.0.1:40000 will send no more, and is in CLOSE-WAIT until it closes",
      "6: FIN from 10.0.0.2:8080 ends the CLOSE-WAIT of 10.0.0.2:8080 59 s after the FIN in frame 4",
    ]);
  });

  it("of a write after the close, answered by RST", async () => {
    const written = conversation(`${HANDSHAKE}
      1.000  c > s  [F.]
      1.040  s > c  [.]
      200    s > c  [P.]  length 20
      200.001 c > s [R]
    `);
    expect(await annotated(written)).toEqual([
      "4: FIN from 10.0.0.1:40000, acknowledged in frame 5, never answered by 10.0.0.2:8080; ended by the RST in frame 7 after 199.001 s",
      "5: ACK of the FIN in frame 4: 10.0.0.2:8080 knows that 10.0.0.1:40000 will send no more, and is in CLOSE-WAIT until it closes",
      "6: written by 10.0.0.2:8080 after the FIN of 10.0.0.1:40000 in frame 4: answered by the RST in frame 7",
      "7: RST from 10.0.0.1:40000 ends the CLOSE-WAIT of 10.0.0.2:8080 199.001 s after the FIN in frame 4 (write-after-close)",
    ]);
  });

  it("of one whose holder still sends", async () => {
    const draining = conversation(`${HANDSHAKE}
      1.000  c > s  [F.]
      1.040  s > c  [.]
      9.900  s > c  [P.]  length 20
      9.901  c > s  [.]
    `);
    expect((await annotated(draining, { minAgeSeconds: 5 }))[0]).toMatch(
      /^4: FIN .* acknowledged in frame 5, not yet answered by 10.0.0.2:8080, which still sends$/,
    );
  });

  it("of one that has only just begun", async () => {
    expect((await annotated(never, { minAgeSeconds: 100 }))[0]).toMatch(
      /^4: FIN .* acknowledged in frame 5, not yet answered by 10.0.0.2:8080 where the capture ends \(frame 6 of/,
    );
  });
});

describe("comments of the source", () => {
  const frames = never.frames().map((frame, index) => ({ ...frame, comment: `packet ${index + 1}` }));

  it("are kept, in front of ours, and without ours", async () => {
    const kept = await commentsOf((await extracted([pcapngFile(frames)])).file);
    expect(kept).toEqual(["1: packet 3", "2: packet 4", "3: packet 5", "4: packet 6", "5: packet 7"]);
    const both = await commentsOf((await extracted([pcapngFile(frames)], { annotate: true })).file);
    expect(both.slice(3, 5).map((comment) => comment.slice(0, 15))).toEqual(["4: packet 6", "4: FIN from 10."]);
  });

  it.each(["little", "big"] as const)("as they were: many, long, of several lines; %s-endian", async (endian) => {
    const text = `first line\nsecond line ${"x".repeat(5000)} ü`;
    const flood = Array.from({ length: 1500 }, () => ({ ...(frames[0] as (typeof frames)[0]), comment: "of others" }));
    const source = pcapngFile([...flood, ...frames.map((frame) => ({ ...frame, comment: text }))], { endian });
    const { file } = await extracted([source]);
    expect(Buffer.from(file).toString("utf8").split(text)).toHaveLength(6);
    expect(Buffer.from(file).includes("of others")).toBe(false);
  });

  it("are none of simple packets", async () => {
    const { file } = await extracted([pcapngFile(frames, { simplePackets: true })], { flows: "every" });
    expect(await commentsOf(file)).toEqual([]);
  });

  it("are counted where a pcap file loses them", async () => {
    expect((await extracted([pcapngFile(frames)], { format: "pcap" })).commentsLost).toBe(5);
    expect((await extracted([pcapFile(frames)], { format: "pcap" })).commentsLost).toBe(0);
  });
});

describe.skipIf(!hasTshark)(hasTshark ? "tshark" : "tshark (skipped: it is not installed)", () => {
  const tshark = (path: string, ...fields: readonly string[]) =>
    execFileSync("tshark", ["-n", "-r", path, "-T", "fields", ...fields.flatMap((field) => ["-e", field])], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    })
      .trimEnd()
      .split("\n");

  it("shows the comments and the flow, nothing else", async () => {
    const path = join(await temporaryFolder(), "x.pcapng");
    writeFileSync(path, (await extracted([never.pcap()], { annotate: true })).file);
    const rows = tshark(path, "frame.number", "tcp.stream", "frame.comment");
    expect(rows.map((row) => row.split("\t").slice(0, 2).join(" "))).toEqual(["1 0", "2 0", "3 0", "4 0", "5 0"]);
    expect(rows[3]).toContain("FIN from 10.0.0.1:40000, acknowledged in frame 5, never answered by 10.0.0.2:8080");
  });

  it.each(["pcap", "pcapng"] as const)("reads %s as we wrote it: times, lengths, interfaces", async (format) => {
    const path = join(await temporaryFolder(), `x.${format}`);
    const nanos = never.frames().map((frame) => ({ ...frame, at: frame.at + 123n }));
    writeFileSync(path, (await extracted([pcapFile(nanos, { resolution: "ns" })], { format })).file);
    const rows = tshark(path, "frame.time_epoch", "frame.len");
    expect(rows).toEqual(
      nanos
        .slice(2, 7)
        .map(
          ({ at, octets }) =>
            `${at / 1_000_000_000n}.${String(at % 1_000_000_000n).padStart(9, "0")}\t${octets.length}`,
        ),
    );
  });
});
