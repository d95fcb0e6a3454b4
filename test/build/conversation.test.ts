import { describe, expect, it, test } from "vitest";
import { type ConversationOptions, conversation } from "./conversation.ts";
import type { TestSegment } from "./segment.ts";

const EPOCH_NANOS = BigInt(Date.UTC(2026, 0, 1)) * 1_000_000n;

/** Numbers as the author of the notation thinks of them. */
function told(text: string, options: ConversationOptions = {}) {
  const isn = { c: 1000, s: 5000 };
  const { segments } = conversation(text, { isn, ...options });
  return segments.map(({ at, from, flags, seq, ack, length }) => {
    const [own, other] = from.port === 8080 ? [isn.s, isn.c] : [isn.c, isn.s];
    const seconds = Number(at - EPOCH_NANOS) / 1e9;
    return [seconds, flags, seq - own, flags.includes(".") ? ack - other : ack, length];
  });
}

function only(text: string, options: ConversationOptions = {}): TestSegment {
  const { segments } = conversation(text, options);
  expect(segments).toHaveLength(1);
  return segments[0] as TestSegment;
}

describe("numbers", () => {
  it("counts SYN, payload and FIN when none is written", () => {
    const text = `
      0.000  c > s  [S]
      0.001  s > c  [S.]
      0.002  c > s  [.]
      0.100  c > s  [P.]  length 100
      0.101  s > c  [.]
      1.000  c > s  [F.]
      1.040  s > c  [.]   # the kernel acknowledges the FIN
      2.000  s > c  [F.]
      2.001  c > s  [.]
    `;
    expect(told(text)).toEqual([
      [0, "S", 0, 0, 0],
      [0.001, "S.", 0, 1, 0],
      [0.002, ".", 1, 1, 0],
      [0.1, "P.", 1, 1, 100],
      [0.101, ".", 1, 101, 0],
      [1, "F.", 101, 1, 0],
      [1.04, ".", 1, 102, 0],
      [2, "F.", 1, 102, 0],
      [2.001, ".", 102, 2, 0],
    ]);
  });

  it("takes written numbers as they are and goes on behind the highest", () => {
    const text = `
      0  c > s  [P.]  seq 101:201  ack 1
      1  c > s  [P.]  seq 1:101    ack 1
      2  c > s  [.]   seq 200
      3  c > s  [F.]
    `;
    expect(told(text).map(([, , seq]) => seq)).toEqual([101, 1, 200, 201]);
  });

  it("learns from acknowledgments where a silent party stands", () => {
    const text = `
      0  c > s  [.]  seq 70  ack 300
      1  c > s  [.]
      2  s > c  [.]
    `;
    expect(told(text)).toEqual([
      [0, ".", 70, 300, 0],
      [1, ".", 70, 300, 0],
      [2, ".", 300, 70, 0],
    ]);
  });

  it("does not count numbers as they stand in the header", () => {
    const text = `
      0  c > s  [S]
      1  s > c  [.]  seq =3000000000  ack =2000000000
      2  c > s  [R]  seq =2000000000
      3  c > s  [S]
      4  s > c  [S.]
    `;
    const { segments } = conversation(text, { isn: { c: 1000, s: 5000 } });
    expect(segments.map(({ seq, ack }) => [seq, ack])).toEqual([
      [1000, 0],
      [3000000000, 2000000000],
      [2000000000, 0],
      [1000, 0],
      [5000, 1001],
    ]);
  });

  it("wraps at 2^32 and takes negative numbers", () => {
    expect(only("0 c > s [.] seq -2 ack 3", { isn: { c: 1, s: 0xffffffff } })).toMatchObject({
      seq: 0xffffffff,
      ack: 2,
    });
  });

  it("counts from new ISNs in a new incarnation", () => {
    const { segments } = conversation(`
      0  c > s  [S]
      1  s > c  [S.]
      --- isn c 900000 s 700000
      2  c > s  [S]
      3  s > c  [S.]
      4  s > c  [.]  seq -10
    `);
    expect(segments.map(({ seq, ack }) => [seq, ack]).slice(2)).toEqual([
      [900000, 0],
      [700000, 900001],
      [699990, 900001],
    ]);
  });

  it("keeps the numbers of every pair apart", () => {
    const { segments } = conversation(
      `
      0  c  > s  [S]
      0  c2 > s  [S]
      1  s  > c2 [S.]
      1  s  > c  [S.]
      `,
      { parties: { c2: "10.0.0.3:40001" }, isn: { c: 10, c2: 20 } },
    );
    expect(segments.map(({ seq, ack }) => [seq, ack])).toEqual([
      [10, 0],
      [20, 0],
      [1_005_003, 21],
      [5000, 11],
    ]);
  });
});

describe("times", () => {
  test.each([
    ["0.123456789", 123_456_789n],
    ["1700.5", 1_700_500_000_000n],
    ["10m", 600_000_000_000n],
    ["1h2m", 3_720_000_000_000n],
    ["1m0.5s", 60_500_000_000n],
    ["250ms", 250_000_000n],
    ["+0.040", 40_000_000n],
  ])("%s", (text, nanos) => {
    expect(only(`${text} c > s [.]`).at - EPOCH_NANOS).toBe(nanos);
  });

  it("counts with a plus sign from the line before", () => {
    const { captured } = conversation("1 c > s [.]\n +1m -- other traffic\n +0.5 s > c [.]\n 2 c > s [.]");
    expect(captured.map(({ at }) => Number(at - EPOCH_NANOS) / 1e9)).toEqual([1, 61, 61.5, 2]);
  });

  it("starts at the epoch that was asked for", () => {
    expect(only("1 c > s [.]", { epoch: "1970-01-01T00:00:01Z" }).at).toBe(2_000_000_000n);
  });
});

describe("attributes", () => {
  it("reads them in any order", () => {
    const line = "0 c > s [P.] <nop,nop,TS val 7 ecr 8> ttl 63 id 9 win 10 length 5 ack 2 seq 1";
    expect(only(line)).toMatchObject({
      length: 5,
      window: 10,
      ipId: 9,
      ttl: 63,
      options: { timestamps: { value: 7, echo: 8 } },
    });
  });

  it("reads the options of a SYN, and SACK edges in the other party's numbers", () => {
    expect(only("0 c > s [S] <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>").options).toEqual({
      mss: 1460,
      sackPermitted: true,
      timestamps: { value: 100, echo: 0 },
      windowScale: 7,
    });
    expect(only("0 c > s [.] <sack 2 {1:11}{21:31}>", { isn: { s: 100 } }).options?.sack).toEqual([
      [101, 111],
      [121, 131],
    ]);
  });

  it("counts IP identifications per party from 1", () => {
    const { segments } = conversation("0 c > s [.]\n 1 c > s [.] id 77\n 2 s > c [.]\n 3 c > s [.]");
    expect(segments.map(({ ipId }) => ipId)).toEqual([1, 77, 1, 2]);
  });

  it("speaks IPv6 when asked", () => {
    expect(only("0 c > s [.]", { ipVersion: 6 }).to).toEqual({ ip: "2001:db8::2", port: 8080 });
  });
});

describe("complaints", () => {
  test.each([
    ["soon c > s [S]", 'line 2: expected a time such as "0.040", "+0.040" or "1m0.5s", found "soon"'],
    ["0 c < s [S]", 'line 2: expected ">", found "< s [S]"'],
    ["0 c > x [S]", 'line 2: expected a party out of c, s, found "x"'],
    ["0 c > s", 'line 2: expected flags such as "[S.]", found the end of the line'],
    ["0 c > s [X]", 'line 2: expected TCP flags out of "FSRP.UEWe", found "X" in "X"'],
    ["0 c > s [.] sec 1", 'line 2: expected "seq", "ack", "win", "id", "ttl", "length" or "<", found "sec 1"'],
    ["0 c > s [.] seq", 'line 2: expected a sequence number such as "101" or "=3000000000", found the end of the line'],
    ["0 c > s [.] seq 1 seq 2", 'line 2: "seq" is given twice'],
    ["0 c > s [.] seq 5:1", "line 2: the range 5:1 ends before it begins"],
    ["0 c > s [.] seq 1:5 length 5", 'line 2: the range has 4 octets and "length" says 5'],
    ["0 c > s [F] ack 1", 'line 2: "ack" needs the flag "."'],
    ["0 c > s [.] win 65536", 'line 2: expected a number below 65536, found "65536"'],
    ["0 c > s [.] <mss 5", 'line 2: expected "," or ">", found the end of the line'],
    ["0 -- silence", 'line 2: expected "other traffic", found "silence"'],
    ["--- isn c 1", "line 2: expected the name of a party, found the end of the line"],
    ["--- isn c 1 c 2", 'line 2: expected the ISNs of two parties, found "c" twice'],
  ])("%s", (line, message) => {
    expect(() => conversation(`# a comment, then\n${line}`)).toThrow(new Error(message));
  });

  it("wants parties that can be told apart", () => {
    expect(() => conversation("", { parties: { c2: "10.0.0.1:40000" } })).toThrow(
      "two parties have the same address and port",
    );
    expect(() => conversation("", { isn: { d: 1 } })).toThrow('an ISN is given for "d", who is not a party');
  });
});
