import { expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapngFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";

const LEAK = "0 c > s [S]\n +1ms s > c [S.]\n +1ms c > s [.]\n 1 c > s [F.]\n +1ms s > c [.]\n 9 -- other traffic";
const LEAK_IPV6 = "0 x > y [S]\n +1ms y > x [S.]\n +1ms x > y [.]\n 1 x > y [F.]\n +1ms y > x [.]";
const parties = { x: "[2001:db8::1]:40000", y: "[2001:db8::2]:8080" };
const nameResolution = [
  { ip: "2001:db8::2", names: ["db.example"] },
  { ip: "192.0.2.99", names: ["not-in-the-result.example"] },
];

it("a result names the addresses it mentions, as the captures do; the first name counts", async () => {
  const leak = conversation(LEAK_IPV6, { parties });
  const other = [{ ip: "2001:db8::2", names: ["another.example"] }];
  const later = [
    { ip: "2001:db8::2", names: ["later.example"] },
    { ip: "2001:db8::1", names: ["client.example"] },
  ];
  const { names } = await analyzeCaptures([
    leak.pcapng({ nameResolution: [...nameResolution, ...other] }),
    conversation(LEAK, { epoch: "2026-01-02T00:00:00Z" }).pcapng({ nameResolution: later }),
  ]);
  expect(names).toEqual({ "2001:db8::2": "db.example", "2001:db8::1": "client.example" });
});

it("without names, comments or other blocks nothing is said of them", async () => {
  const analysis = await analyzeCaptures([conversation(LEAK).pcapng(), conversation(LEAK_IPV6, { parties }).pcap()]);
  expect(analysis).not.toHaveProperty("names");
  for (const capture of analysis.captures) expect(capture).not.toHaveProperty("annotations");
});

it("comments and other blocks are those of their capture", async () => {
  const frames = conversation(LEAK).frames();
  const commented = frames.map((frame, index) => (index === 3 ? { ...frame, comment: "the FIN" } : frame));
  const { captures, flows } = await analyzeCaptures([pcapngFile(commented, { unknownBlocks: true })]);
  expect(captures[0]?.annotations).toEqual({
    comments: [{ on: "packet", interface: null, frame: 4, text: "the FIN" }],
    commentsLeftOut: 0,
    otherBlocks: { "local use": frames.length + 1 },
  });
  expect(flows[0]?.halfClose?.fin.frame).toBe(4);
});
