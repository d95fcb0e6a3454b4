import type { TestSegment } from "../build/frames.ts";

/** Named segments that the tests of this folder start from. */
export const CLIENT = { ip: "10.0.0.1", port: 40000 };
export const SERVER = { ip: "10.0.0.2", port: 8080 };
export const CLIENT_V6 = { ip: "2001:db8::1", port: 40000 };
export const SERVER_V6 = { ip: "2001:db8::2", port: 8080 };

export const DATA: TestSegment = {
  at: 0n,
  from: CLIENT,
  to: SERVER,
  flags: "P.",
  seq: 0xffff_fff0,
  ack: 0x8000_0001,
  length: 100,
  window: 501,
  options: { timestamps: { value: 0xf000_0001, echo: 7 } },
  ipId: 4711,
};

/** As `decoded.ts` writes it. */
export const DATA_DECODED = {
  from: "10.0.0.1 40000",
  to: "10.0.0.2 8080",
  seq: 0xffff_fff0,
  ack: 0x8000_0001,
  length: 100,
  flags: "P.",
  window: 501,
  timestamps: [0xf000_0001, 7],
};

export const DATA_V6: TestSegment = { ...DATA, from: CLIENT_V6, to: SERVER_V6 };

export const DATA_V6_DECODED = { ...DATA_DECODED, from: "2001:db8::1 40000", to: "2001:db8::2 8080" };

export const SYN: TestSegment = {
  at: 0n,
  from: CLIENT,
  to: SERVER,
  flags: "S",
  seq: 1000,
  ack: 0,
  length: 0,
  options: { mss: 1460, sackPermitted: true, timestamps: { value: 1, echo: 0 }, windowScale: 7 },
};
