/** Whatever a segment is wrapped in: none of its addresses, and nothing of its payload, is left in an anonymized capture. */
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { CryptoPan } from "../../src/extract/crypto-pan.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile } from "../build/captures.ts";
import { type Carried, ENDS_V4, ENDS_V6 } from "../build/encapsulations.ts";
import { ENCAPSULATIONS, onEthernet, V4, V6 } from "../wire/encapsulated.ts";
import { LINK, LINKED } from "../wire/linked.ts";
import { DATA, DATA_V6 } from "../wire/segments.ts";
import { extracted, recordsOf } from "./extracted.ts";

const KEY = Uint8Array.from({ length: 32 }, (_, index) => 255 - index);
const pan = new CryptoPan(KEY);

const ADDRESSES = [DATA, DATA_V6, ENDS_V4, ENDS_V6].flatMap(({ from, to }) =>
  [from, to].map((end) => ipaddr.parse(typeof end === "string" ? end : end.ip).toByteArray()),
);
const LINK_ADDRESSES = [1, 2].map((last) => [2, 0, 0, 0, 0, last]);
const PAYLOAD = /[a-z]{8}/;

async function expectNothingToLeak(octets: Uint8Array, linkType: number, carried: Carried): Promise<void> {
  const source = pcapFile([{ at: 0n, octets }], { linkType });
  const { file, packets } = await extracted([source], { flows: "every", anonymizeKey: KEY });
  expect(packets).toBe(1);
  const [record] = await recordsOf([file]);
  const left = Buffer.from(record?.octets ?? "", "hex");
  for (const address of [...ADDRESSES, ...LINK_ADDRESSES]) {
    expect({ address, at: left.indexOf(Buffer.from(address)) }).toEqual({ address, at: -1 });
  }
  expect(left.toString("latin1")).not.toMatch(PAYLOAD);

  const { from, to } = carried === V6 ? DATA_V6 : DATA;
  const { flows } = await analyzeCaptures([file], { flows: "every" });
  expect(flows.map(({ client, server }) => [client.ip, server.ip].sort())).toEqual([
    [from.ip, to.ip].map((ip) => pan.text(ip)).sort(),
  ]);
  const { payloadBytes } = flows[0] as (typeof flows)[0];
  expect(payloadBytes.client + payloadBytes.server).toBe(DATA.length);
}

describe.each([
  ["IPv4", V4],
  ["IPv6", V6],
])("%s", (_, carried) => {
  it.each(ENCAPSULATIONS)("in %s", async (_name, build) => {
    await expectNothingToLeak(onEthernet(build(carried)), LINK.EN10MB, carried);
  });

  it.each(LINKED)("on %s %s", async (link, _what, build) => {
    await expectNothingToLeak(build(carried), LINK[link], carried);
  });
});
