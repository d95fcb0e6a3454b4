import { describe, expect, it } from "vitest";
import { analyzeCaptures } from "../../src/questions.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { conversation } from "../build/conversation.ts";
import { concat } from "../build/octets.ts";

// Some taps keep the frame check sequence, four octets behind every frame, and say so in the link type field (pcap) or in
// if_fcslen (pcapng). Lengths come from the IP header (rule 17), so that these octets are never payload.

const talk = conversation(`
  0.000  c > s  [S]
  +1ms   s > c  [S.]
  +1ms   c > s  [.]
  1.000  c > s  [P.]  length 3
  +1ms   s > c  [.]
  2.000  c > s  [F.]
  +1ms   s > c  [.]
  9.000  --     other traffic
`);
const withSequence = talk
  .frames()
  .map((frame) => ({ ...frame, octets: concat(frame.octets, [0xde, 0xad, 0xbe, 0xef]) }));

async function factsOf(file: Uint8Array) {
  const { flows, captures } = await analyzeCaptures([file], { flows: "every" });
  const facts = flows.map(({ verdict, reasons, payloadBytes, segments }) => ({
    verdict,
    reasons,
    payloadBytes,
    segments,
  }));
  return { facts, linkTypes: captures[0]?.linkTypes, problems: captures[0]?.problems };
}

/** The length of the sequence in units of 16 bits, and the flag that it is stated: draft-ietf-opsawg-pcap §4. */
const FCS_OF_4 = 0x2400_0000;

describe("a frame check sequence is no payload", () => {
  it.each([
    ["pcap, stated in the link type", pcapFile(withSequence, { linkType: FCS_OF_4 | 1 })],
    ["pcap, big-endian", pcapFile(withSequence, { linkType: FCS_OF_4 | 1, endian: "big" })],
    ["pcap, not stated", pcapFile(withSequence)],
    ["pcapng", pcapngFile(withSequence)],
  ])("%s", async (_name, file) => {
    const plain = await factsOf(talk.pcap());
    expect(plain.facts).toMatchObject([{ verdict: "half-closed", payloadBytes: { client: 3, server: 0 } }]);
    expect(await factsOf(file)).toEqual(plain);
  });
});
