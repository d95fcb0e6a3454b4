import { describe, expect, it } from "vitest";
import { compared, discrepancies, type TwoPoints, verdicts } from "./two-points.ts";

const OPEN = `
  0.000  c > s  [S]
  0.006  s > c  [S.]
  0.012  c > s  [.]
  0.100  c > s  [P.]  length 100
  0.110  s > c  [P.]  length 200
  0.120  c > s  [.]
`;

interface Scene {
  readonly name: string;
  readonly text: string;
  readonly options?: TwoPoints;
  readonly verdicts: readonly string[];
  readonly discrepancies: readonly string[];
}

const SCENES: readonly Scene[] = [
  {
    name: "nothing is lost",
    text: `${OPEN}
      1.000  c > s  [F.]
      1.010  s > c  [F.]
      1.020  c > s  [.]
      9  --  other traffic
    `,
    verdicts: ["closed + closed = closed"],
    discrepancies: [],
  },
  {
    name: "the server closed, and its FIN never reaches the client: not the server holds the connection, the network does",
    text: `${OPEN}
      1.000  c > s  [F.]
      1.010  s > c  [.]
      1.020  s > c  [F.]              # lost
      1.300  s > c  [F.]  seq 201     # lost
      1.800  s > c  [F.]  seq 201     # lost
      2.800  s > c  [F.]  seq 201     # lost
      60  --  other traffic
    `,
    verdicts: ["half-closed + fin-unacked = fin-unacked"],
    discrepancies: ["FIN of server lost, 0:4"],
  },
  {
    name: "a FIN is lost once",
    text: `${OPEN}
      1.000  c > s  [F.]              # lost
      1.300  c > s  [F.]  seq 101
      1.310  s > c  [.]
      60  --  other traffic
    `,
    verdicts: ["half-closed + half-closed = half-closed"],
    discrepancies: ["FIN of client lost, 2:1, came later"],
  },
  {
    name: "the ACK of the FIN is lost for good: the closer cannot know",
    text: `${OPEN}
      1.000  c > s  [F.]
      1.010  s > c  [.]               # lost
      60  --  other traffic
    `,
    verdicts: ["undecided + half-closed = half-closed"],
    discrepancies: ["ACK of FIN of server lost, 0:1"],
  },
  {
    name: "the ACK of the FIN is lost, and the FIN asks again",
    text: `${OPEN}
      1.000  c > s  [F.]
      1.010  s > c  [.]               # lost
      1.300  c > s  [F.]  seq 101
      1.310  s > c  [.]
      60  --  other traffic
    `,
    verdicts: ["half-closed + half-closed = half-closed"],
    discrepancies: ["ACK of FIN of server lost, 1:2, came later"],
  },
  {
    name: "a RST never arrives",
    text: `${OPEN}
      1.000  s > c  [R.]              # lost
      60  --  other traffic
    `,
    verdicts: ["established + reset = reset"],
    discrepancies: ["RST of server lost, 0:1"],
  },
  {
    name: "a RST that the server never sent",
    text: `${OPEN}
      1.000  s > c  [R.]              # not at B
      60  --  other traffic
    `,
    verdicts: ["reset + established = reset"],
    discrepancies: ["RST of server inserted, 1:0"],
  },
  {
    name: "a SYN comes at the second attempt",
    text: `
      0.000  --  other traffic
      0.500  c > s  [S]               # lost
      1.500  c > s  [S]  seq 0
      1.506  s > c  [S.]
      1.512  c > s  [.]
      1.600  c > s  [P.]  length 10
      1.610  s > c  [P.]  length 10
      60  --  other traffic
    `,
    verdicts: ["established + established = established"],
    discrepancies: ["SYN of client lost, 2:1, came later"],
  },
  {
    name: "a FIN that was acknowledged is only missing from the capture",
    text: `${OPEN}
      1.000  c > s  [F.]              # not at B
      1.010  s > c  [.]
      60  --  other traffic
    `,
    verdicts: ["half-closed + undecided = half-closed"],
    discrepancies: ["FIN of client not-captured, 1:0"],
  },
  {
    name: "a FIN that the sender's own point lacks",
    text: `${OPEN}
      1.000  c > s  [F.]              # not at A
      1.010  s > c  [.]
      60  --  other traffic
    `,
    verdicts: ["undecided + half-closed = half-closed"],
    discrepancies: ["FIN of client not-captured, 0:1"],
  },
  {
    name: "what comes after the end of the other capture is not missing there",
    text: `${OPEN}
      30.000  c > s  [F.]
      30.010  s > c  [.]
      60.000  s > c  [F.]
      60.010  c > s  [.]
    `,
    options: { watch: { a: [0, 100], b: [0, 31] } },
    verdicts: ["closed + half-closed = closed"],
    discrepancies: [],
  },
  {
    name: "nor is what came before its beginning",
    text: `${OPEN}
      30.000  c > s  [F.]
      30.010  s > c  [F.]
      30.020  c > s  [.]
    `,
    options: { watch: { a: [20, 100] } },
    verdicts: ["closed + closed = closed"],
    discrepancies: [],
  },
];

describe.each([
  { how: "one clock", options: {} },
  { how: "B's clock an hour and some ahead", options: { offset: 3723.5 } },
  { how: "B's clock behind", options: { offset: -0.9 } },
  { how: "a way back that takes longer", options: { delay: { there: 0.001, back: 0.004 } } },
  {
    how: "address translation on the way",
    options: { translate: (endpoint: { ip: string; port: number }) => TRANSLATED[endpoint.ip] ?? endpoint },
  },
])("$how:", ({ options }) => {
  it.each(SCENES)("$name", async (scene) => {
    // Without its handshake nothing but the addresses tells a connection.
    if ("translate" in options && scene.options?.watch?.a?.[0] === 20) return;
    const comparison = await compared(scene.text, { ...options, ...scene.options });
    expect(verdicts(comparison)).toEqual(scene.verdicts);
    expect(discrepancies(comparison)).toEqual(scene.discrepancies);
    expect(comparison.flows.map(({ clientAt }) => clientAt)).toEqual(["a"]);
  });
});

const TRANSLATED: Readonly<Record<string, { ip: string; port: number }>> = {
  "10.0.0.1": { ip: "192.0.2.7", port: 61_234 },
  "10.0.0.2": { ip: "172.16.0.9", port: 8443 },
};

it("names the same losses when the points are exchanged", async () => {
  const scenes = SCENES.filter(({ options, text }) => options === undefined && !text.includes("not at"));
  for (const { text, discrepancies: expected } of scenes) {
    const comparison = await compared(text, { exchanged: true });
    const swapped = discrepancies(comparison).map((line) => line.replace(/(\d+):(\d+)/, "$2:$1"));
    expect(swapped).toEqual(expected);
  }
});

it("does not take copies for losses", async () => {
  const [{ text = "" } = {}] = SCENES;
  const comparison = await compared(text, { told: { duplicate: { delayNanos: 50_000n } } });
  expect(discrepancies(comparison)).toEqual([]);
});
