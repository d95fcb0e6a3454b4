/** An independent reading of every capture: which streams there are, who sent SYN, FIN, RST and how much, and what acknowledges each FIN. */
import { describe, expect, it } from "vitest";
import { RECORDING_NAMES } from "../laws/recordings.ts";
import { factsByReplay } from "./facts-by-replay.ts";
import { factsByTshark, hasTshark } from "./facts-by-tshark.ts";

const names = hasTshark ? RECORDING_NAMES : ["every capture (skipped: tshark is not installed)"];

describe("tshark counts the same", () => {
  it.skipIf(!hasTshark).each(names)("%s", async (name) => {
    expect(await factsByReplay(name)).toEqual(factsByTshark(name));
  });
});
