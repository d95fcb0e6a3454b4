/** What is told of an extract is what is told of its flows in the source. */
import { describe, expect, it } from "vitest";
import type { Flow } from "../../src/analysis/model.ts";
import { parseMoment } from "../../src/analysis/moment.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { pathOf, RECORDING_NAMES } from "../laws/recordings.ts";
import { extracted, told } from "./extracted.ts";

const isHalfClosed = ({ verdict }: Flow): boolean => verdict === "half-closed";

describe("every capture", () => {
  it.each(RECORDING_NAMES)("%s: the half-closed flows", async (name) => {
    const source = await analyzeCaptures([pathOf(name)], { flows: "half-closed" });
    const { file, flows } = await extracted([pathOf(name)]);
    expect(flows).toBe(source.flows.length);
    if (flows === 0) return;
    const result = await analyzeCaptures([file], { flows: "every" });
    expect(told(result.flows.filter(isHalfClosed))).toEqual(told(source.flows));
  });

  it.each(RECORDING_NAMES)("%s: what was once half-closed for long", async (name) => {
    const source = await analyzeCaptures([pathOf(name)], { flows: "ever" });
    const { file, flows } = await extracted([pathOf(name)], { flows: "ever" });
    expect(flows).toBe(source.flows.length);
    if (flows === 0) return;
    const result = await analyzeCaptures([file], { flows: "ever" });
    expect(told(result.flows)).toEqual(told(source.flows));
  });

  it.each(RECORDING_NAMES)("%s: all flows, as pcapng and as pcap", async (name) => {
    const source = await analyzeCaptures([pathOf(name)], { flows: "every" });
    const pcapng = await extracted([pathOf(name)], { flows: "every" });
    const result = await analyzeCaptures([pcapng.file], { flows: "every" });
    expect(told(result.flows)).toEqual(told(source.flows));
    expect({ ...result.totals, packets: 0, skipped: {} }).toEqual({ ...source.totals, packets: 0, skipped: {} });

    const pcap = await extracted([pathOf(name)], { flows: "every", format: "pcap" });
    const until = pcap.observedUntil === null ? undefined : parseMoment(pcap.observedUntil, true);
    const again = await analyzeCaptures([pcap.file], { flows: "every", until });
    expect(told(again.flows)).toEqual(told(source.flows));
  });
});
