/** A capture of which no packet can be looked at is not one without half-closes. */
import { describe, expect, it } from "vitest";
import { analyzeCaptures, listSockets } from "../../src/questions.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";

const FRAMES = [{ at: 0n, octets: new Uint8Array(60) }];
const unread = pcapFile(FRAMES, { linkType: 147 });
const read = pcapFile(FRAMES);
const ADVICE = 'if its frames are of another type, say which: "editcap -T ether", for example';

describe("a link type that is not read", () => {
  it("is an error alone, for whatever question", async () => {
    const message = `(memory): expected a link type that carries IP, found USER0 at byte 20; ${ADVICE}`;
    const error = expect.objectContaining({ code: "unsupported", offset: 20, message });
    await expect(analyzeCaptures([unread])).rejects.toThrow(error);
    await expect(listSockets([unread], { everySeconds: 1 })).rejects.toThrow(error);
  });

  it("is an error of several interfaces", async () => {
    const file = pcapngFile(FRAMES, { interfaces: [{ linkType: 147 }, { linkType: 9999 }] });
    const message = `(memory): expected a link type that carries IP, found USER0, 9999; ${ADVICE}`;
    await expect(analyzeCaptures([file])).rejects.toThrow(expect.objectContaining({ code: "unsupported", message }));
  });

  it("is a problem beside an interface or a capture that is read, and an error if strict", async () => {
    const mixed = pcapngFile(FRAMES, { interfaces: [{ linkType: 147 }, { linkType: "EN10MB" }] });
    for (const inputs of [[mixed], [unread, read]]) {
      const { captures } = await analyzeCaptures(inputs);
      expect(captures.flatMap(({ problems }) => problems.map(({ kind }) => kind))).toEqual(["unknown-link-type"]);
    }
    await expect(analyzeCaptures([unread, read], { strict: true })).rejects.toMatchObject({ code: "unsupported" });
  });

  it("does not matter where there are no packets", async () => {
    const { totals } = await analyzeCaptures([pcapFile([], { linkType: 147 })]);
    expect(totals.packets).toBe(0);
  });
});
