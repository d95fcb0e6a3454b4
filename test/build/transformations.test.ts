import { describe, expect, it } from "vitest";
import type { CaptureFrame } from "./capture-frame.ts";
import { conversation } from "./conversation.ts";
import { shifted, splitAt, withAddressesExchanged, withEachFrameTwice, withNoise } from "./transformations.ts";

const EXCHANGE = conversation(
  `
  0.000  c > s  [S]
  0.001  s > c  [S.]
  0.002  c > s  [.]  <sack 1 {11:21}>
  10m    --  other traffic
  `,
  { isn: { c: 1000, s: 5000 } },
);

describe("shifted", () => {
  it("moves all sequence numbers, and an acknowledgment only where there is one", () => {
    const { segments } = shifted(EXCHANGE, { isn: 2 ** 32 - 1001 });
    expect(segments.map(({ seq, ack }) => [seq, ack])).toEqual([
      [2 ** 32 - 1, 0],
      [3999, 0],
      [0, 4000],
    ]);
  });

  it("moves one party's numbers wherever they are mentioned", () => {
    const { segments } = shifted(EXCHANGE, { isn: { s: 10 } });
    expect(segments.map(({ seq, ack }) => [seq, ack])).toEqual([
      [1000, 0],
      [5010, 1001],
      [1001, 5011],
    ]);
    expect(segments[2]?.options?.sack).toEqual([[5021, 5031]]);
  });

  it("moves the clock, other traffic included", () => {
    const later = shifted(EXCHANGE, { seconds: -3600.5 });
    expect(later.captured.map(({ at }, index) => at - (EXCHANGE.captured[index]?.at ?? 0n))).toEqual(
      Array.from({ length: 4 }, () => -3_600_500_000_000n),
    );
  });
});

it("exchanges addresses and leaves ports", () => {
  const [syn] = withAddressesExchanged(EXCHANGE).segments;
  expect(syn).toMatchObject({ from: { ip: "10.0.0.2", port: 40000 }, to: { ip: "10.0.0.1", port: 8080 } });
});

describe("frames", () => {
  const frames = EXCHANGE.frames();
  const order = (list: readonly CaptureFrame[]) =>
    list.map(({ octets }) => frames.findIndex((frame) => frame.octets === octets));

  it("come twice, one by one or in bursts", () => {
    expect(order(withEachFrameTwice(frames, 1_000n))).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(order(withEachFrameTwice(frames, 2_000_000n, 3))).toEqual([0, 1, 2, 0, 1, 2, 3, 3]);
    expect(order(withEachFrameTwice(frames, 1_000_000n, 3))).toEqual([0, 1, 0, 1, 2, 2, 3, 3]);
  });

  it("are split without loss", () => {
    expect(splitAt(frames, 1).map(order)).toEqual([[0], [1, 2, 3]]);
  });

  it("have noise in between that ends when they end", () => {
    const noisy = withNoise(frames);
    expect(noisy.filter(({ octets }) => frames.some((frame) => frame.octets === octets))).toEqual(frames);
    expect(noisy).toHaveLength(frames.length + 9);
    expect(noisy.at(-1)?.at).toBe(frames.at(-1)?.at);
  });
});
