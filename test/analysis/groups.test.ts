import { expect, it } from "vitest";
import type { Grouping } from "../../src/analysis/groupings.ts";
import type { Group } from "../../src/analysis/model.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";

interface Leak {
  readonly client: string;
  readonly server: string;
  readonly at: string;
  /** The holder closes after so many seconds. */
  readonly ends?: number;
}

/** Clients that close, and servers that do not, or late. */
const LEAKS: readonly Leak[] = [
  { client: "10.1.0.1:40001", server: "10.0.0.2:8080", at: "2026-01-01T00:10:00Z" },
  { client: "10.1.0.2:40002", server: "10.0.0.2:8080", at: "2026-01-01T00:50:00Z" },
  { client: "10.1.1.3:40003", server: "10.0.0.2:9090", at: "2026-01-01T01:20:00Z" },
  { client: "10.1.1.3:40004", server: "10.0.0.2:9090", at: "2026-01-01T01:21:00Z", ends: 30 },
  { client: "[2001:db8::1:5]:40005", server: "[2001:db8::2]:8080", at: "2026-01-01T01:25:00Z" },
];

const captureOf = (): Uint8Array => {
  const frames = LEAKS.flatMap(({ client, server, at, ends }) => {
    const late = ends === undefined ? "" : `\n ${1 + ends} s > c [F.]\n ${1.1 + ends} c > s [.]`;
    const text = `0 c > s [S]\n 0.01 s > c [S.]\n 0.02 c > s [.]\n 1 c > s [F.]\n 1.01 s > c [.]${late}`;
    return conversation(text, { epoch: at, client, server }).frames();
  });
  const end = conversation("0 -- other traffic", { epoch: "2026-01-01T02:00:00Z" }).frames();
  return pcapFile([...frames, ...end].sort((a, b) => Number(a.at - b.at)));
};

async function grouped(by: Grouping, timeZone = "UTC"): Promise<string[]> {
  const { groups } = await analyzeCaptures([captureOf()], { groupBy: { by, timeZone } });
  return (groups?.groups ?? []).map(({ key, halfClosed, ended, share }: Group) => {
    return `${key}: ${halfClosed} open, ${ended} ended, ${Math.round(share * 100)} %`;
  });
}

it.each<[Grouping, readonly string[]]>([
  [
    "holder",
    [
      "10.0.0.2:8080: 2 open, 0 ended, 50 %",
      "10.0.0.2:9090: 1 open, 1 ended, 25 %",
      "[2001:db8::2]:8080: 1 open, 0 ended, 25 %",
    ],
  ],
  [
    "peer",
    [
      "10.1.1.3: 1 open, 1 ended, 25 %",
      "10.1.0.1: 1 open, 0 ended, 25 %",
      "10.1.0.2: 1 open, 0 ended, 25 %",
      "2001:db8::1:5: 1 open, 0 ended, 25 %",
    ],
  ],
  ["service", ["8080: 3 open, 0 ended, 75 %", "9090: 1 open, 1 ended, 25 %"]],
  [
    "subnet",
    [
      "10.1.0.0/24: 2 open, 0 ended, 50 %",
      "10.1.1.0/24: 1 open, 1 ended, 25 %",
      "2001:db8::/64: 1 open, 0 ended, 25 %",
    ],
  ],
  ["hour", ["2026-01-01 01:00: 2 open, 1 ended, 50 %", "2026-01-01 00:00: 2 open, 0 ended, 50 %"]],
])("half-closes by %s", async (by, groups) => {
  expect(await grouped(by)).toEqual(groups);
});

it("hours are those of the zone that is shown, also where they begin at the half", async () => {
  expect(await grouped("hour", "Asia/Kolkata")).toEqual([
    "2026-01-01 06:00: 3 open, 1 ended, 75 %",
    "2026-01-01 05:00: 1 open, 0 ended, 25 %",
  ]);
});

it("each group has its oldest and its median", async () => {
  const { groups } = await analyzeCaptures([captureOf()], { groupBy: { by: "service", timeZone: "UTC" } });
  expect(groups?.groups[0]).toMatchObject({ oldestSince: "2026-01-01T00:10:01.000000000Z", stuck: 3 });
  // Open for 109:59, 69:59 and 34:59.
  expect(groups?.groups[0]?.medianSeconds).toBeCloseTo(4199, 0);
});
