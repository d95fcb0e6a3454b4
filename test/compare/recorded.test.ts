/** Recorded at both ends of a path that lost one segment of each kind: the kernels' own word on what was lost (`test/truth/`). */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Comparison } from "../../src/compare/model.ts";
import { compareCaptures } from "../../src/questions.ts";
import { schemaProblems } from "../report/json-schema.ts";

const path = (name: string) => new URL(`../../captures/${name}`, import.meta.url).pathname;
const truth: { connections: { client: string; label: string }[] } = JSON.parse(
  readFileSync(new URL("../truth/lost-once.json", import.meta.url), "utf8"),
);

/** What the comparison calls what the scenario lost. A leak has no FIN of its holder, and no last ACK. */
const FOUND: Readonly<Record<string, string | undefined>> = {
  "SYN lost": "SYN client",
  "SYN-ACK lost": "SYN-ACK server",
  "FIN lost": "FIN client",
  "ACK of the FIN lost": "ACK of FIN server",
  "holder's FIN lost": "FIN server",
  "last ACK lost": "ACK of FIN client",
};

async function between(a: string, b: string): Promise<Comparison> {
  return compareCaptures({ a: [path(a)], b: [path(b)] }, "every");
}

it.each([
  ["lost-once-client.pcap", "lost-once-server.pcap"],
  ["lost-once-server.pcap", "lost-once-client.pcap"],
])("%s against %s", async (a, b) => {
  const comparison = await between(a, b);
  expect(schemaProblems(JSON.parse(JSON.stringify(comparison)), "compare.schema.json")).toEqual([]);
  expect(comparison.totals).toMatchObject({ both: 14, onlyA: 0, onlyB: 0, translated: 0, verdictsDiffer: 0 });

  const told = comparison.flows.map((flow) => [
    `${flow.a?.client.ip}:${flow.a?.client.port}`,
    ...flow.discrepancies.map(({ segment, sender, fate }) => `${segment} ${sender} ${fate}`),
  ]);
  const expected = truth.connections.map(({ client, label }, index) => {
    const [kind = "", lost = ""] = label.split(", ");
    const found = FOUND[lost];
    // The capture of the server begins with the copy that came through: what was before it, it cannot know.
    const unseen = index === 0 || (kind === "leak" && (lost === "holder's FIN lost" || lost === "last ACK lost"));
    return found === undefined || unseen ? [client] : [client, `${found} lost`];
  });
  expect(told).toEqual(expected);
});

it("their clocks are one, and the path takes 10 ms each way", async () => {
  const { clock } = await between("lost-once-client.pcap", "lost-once-server.pcap");
  expect(Math.abs(clock?.offsetSeconds ?? 1)).toBeLessThan(0.001);
  expect(clock?.roundTripSeconds).toBeCloseTo(0.02, 2);
});
