/** Random stacks of everything that is read, on several links, read by tshark as well: one run a link. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  authenticated,
  type Carried,
  ENDS_V6,
  erspanII,
  erspanIII,
  eTag,
  ethernet,
  FRAME,
  type GreOptions,
  geneve,
  gre,
  gtp,
  ipInIp,
  iTag,
  l2tp,
  metadata,
  mpls,
  networkService,
  nvgre,
  pppoeSession,
  pptp,
  snapFrame,
  trill,
  vlan,
  vnTag,
  vxlan,
  vxlanGpe,
} from "../build/encapsulations.ts";
import { fragmentsOf, frameOf, type TestSegment } from "../build/frames.ts";
import { avs, ciscoHdlc, nflog, pktap, ppp, radiotap, wireless } from "../build/link-headers.ts";
import { linkFrame } from "../build/links.ts";
import { decodeAll, frame, SEED } from "./decoded.ts";
import { DATA, DATA_V6 } from "./segments.ts";
import { hasTshark, type SegmentLines, tsharkSegments } from "./tshark.ts";

const FRAMES_EACH = 400;
const LAYERS_MAX = 4;

const isIp = ({ etherType }: Carried) => etherType === 0x0800 || etherType === 0x86dd;
const asFrame = (carried: Carried) => (carried.etherType === FRAME ? carried : ethernet(carried));
/** GRE carries frames, and little else that tshark would look into. */
const inGre = (carried: Carried, options: GreOptions = {}) => gre(isIp(carried) ? carried : asFrame(carried), options);
/** What only IP can go into carries everything else in GRE. */
const asIp = (carried: Carried) => (isIp(carried) ? carried : inGre(carried));
/** Ethernet frames have no ether type of their own outside a tunnel. */
const asTyped = (carried: Carried) => (carried.etherType === FRAME ? gre(carried) : carried);

const ENCAPSULATIONS: ((carried: Carried, number: number) => Carried)[] = [
  (c, id) => vlan(asTyped(c), id & 0xfff),
  (c, id) => vlan(vlan(asTyped(c)), id & 0xfff, 0x88a8),
  (c) => vnTag(asTyped(c)),
  (c) => eTag(asTyped(c)),
  (c) => metadata(asTyped(c)),
  (c) => snapFrame(asTyped(c)),
  (c, id) => iTag(ethernet(asTyped(c)), id),
  (c) => trill(asFrame(c)),
  (c) => networkService(isIp(c) ? c : asFrame(c)),
  (c, label) => mpls(asIp(c), [16 + label, 17]),
  (c, bit) => pppoeSession(asIp(c), { compressed: bit % 2 > 0 }),
  (c) => ipInIp(asIp(c)),
  (c) => ipInIp(asIp(c), ENDS_V6),
  (c) => authenticated(asIp(c)),
  (c, bits) =>
    inGre(c, { checksum: (bits & 1) > 0, ...(bits & 2 && { key: bits }), ...(bits & 4 && { sequence: bits }) }),
  (c, subnet) => nvgre(asFrame(c), 0x1000 + subnet),
  (c) => erspanII(asFrame(c)),
  (c, bit) => erspanIII(asFrame(c), bit % 2 > 0),
  (c, bit) => pptp(asIp(c), bit % 2 > 0),
  (c, vni) => vxlan(asFrame(c), vni),
  (c, vni) => vxlan(asFrame(c), vni, ENDS_V6),
  (c, vni) => vxlanGpe(isIp(c) ? c : asFrame(c), vni),
  (c, vni) => geneve(asFrame(c), vni),
  (c, bits) => gtp(asIp(c), { sequence: bits % 2 > 0, extensions: bits % 3 }),
  (c, bits) => l2tp(asIp(c), { length: bits % 2 > 0, sequence: bits % 3 > 0, addressAndControl: bits % 5 > 0 }),
];

const onEthernet = (carried: Carried) => {
  const { etherType, octets } = carried;
  return etherType === FRAME ? octets : linkFrame(etherType, octets);
};

const LINKS: [name: string, linkType: number, build: (carried: Carried) => Uint8Array][] = [
  ["EN10MB", 1, onEthernet],
  ["PPP", 9, (c) => ppp(asIp(c))],
  ["RAW", 101, (c) => asIp(c).octets],
  ["C_HDLC", 104, (c) => ciscoHdlc(asIp(c))],
  ["LINUX_SLL", 113, (c) => linkFrame(asTyped(c).etherType, asTyped(c).octets, { link: "LINUX_SLL" })],
  ["IEEE802_11_RADIO", 127, (c) => radiotap(wireless(asTyped(c), { qos: true }), [0], [])],
  ["IEEE802_11_RADIO_AVS", 163, (c) => avs(wireless(asTyped(c)))],
  ["NFLOG", 239, (c) => nflog(asIp(c))],
  ["PKTAP", 258, (c) => pktap(onEthernet(c), 1)],
  ["LINUX_SLL2", 276, (c) => linkFrame(asTyped(c).etherType, asTyped(c).octets, { link: "LINUX_SLL2" })],
];

const port = fc.integer({ min: 20_000, max: 60_000 });
const segment = fc.record({
  v6: fc.boolean(),
  ports: fc.tuple(port, port),
  seq: fc.nat(0xffff_ffff),
  ack: fc.nat(0xffff_ffff),
  length: fc.nat(300),
  flags: fc.constantFrom("S", "S.", ".", "P.", "F.", "R", "FP."),
});
type Drawn = typeof segment extends fc.Arbitrary<infer T> ? T : never;

function segmentOf({ v6, ports, ...numbers }: Drawn): TestSegment {
  const { from, to, ...others } = v6 ? DATA_V6 : DATA;
  return { ...others, ...numbers, from: { ...from, port: ports[0] }, to: { ...to, port: ports[1] } };
}

const layers = fc.array(fc.tuple(fc.constantFrom(...ENCAPSULATIONS), fc.nat(255)), { maxLength: LAYERS_MAX });

type Layers = typeof layers extends fc.Arbitrary<infer T> ? T : never;

const wrapped = (datagram: Carried, stack: Layers): Carried =>
  stack.reduce((carried, [encapsulate, number]) => encapsulate(carried, number), datagram);

const carriedBy = ({ v6 }: Drawn, octets: Uint8Array): Carried => ({ etherType: v6 ? 0x86dd : 0x0800, octets });

const stacks = fc
  .tuple(segment, layers)
  .map(([drawn, stack]) => wrapped(carriedBy(drawn, frameOf(segmentOf(drawn), { link: "RAW" })), stack));

/** Datagrams in fragments, each in tunnels; all fragments shuffled, and some lost. */
const DATAGRAMS = 60;
const LOST_MAX = 10;
/** tshark joins what agrees in identification XOR VLAN, and VLANs are below this here. */
const IDENTIFICATION_STEP = 256;
const FRAGMENT_OCTETS = [8, 16, 48, 104] as const;
const fragmented = fc.tuple(segment, layers, fc.constantFrom(...FRAGMENT_OCTETS));
const shuffled = fc.array(fragmented, { minLength: DATAGRAMS, maxLength: DATAGRAMS }).chain((drawn) => {
  const all = drawn.flatMap(([numbers, stack, octetsEach], index) =>
    fragmentsOf({ ...segmentOf(numbers), ipId: IDENTIFICATION_STEP * (1 + index) }, octetsEach, { link: "RAW" }).map(
      (octets) => wrapped(carriedBy(numbers, octets), stack),
    ),
  );
  return fc.shuffledSubarray(all, { minLength: all.length - LOST_MAX });
});

/** As tshark's columns. */
function segmentsIn(frames: readonly Uint8Array[], linkType: number): SegmentLines {
  const given = frames.map((octets, index) => frame(octets, { linkType, time: index * 1e6 }));
  return new Map(
    decodeAll(given).segments.map(({ frame: number, segment: { from, to, seq, ack, length } }) => {
      const [source, destination] = [from, to].map((end) => end.split(" ")[1]);
      return [number, [source, destination, seq, ack, length].join()];
    }),
  );
}

describe.skipIf(!hasTshark)("tshark reads the same (skipped without tshark)", () => {
  it.each(LINKS)("any stack on %s", (_name, linkType, build) => {
    const frames = fc.sample(stacks, { numRuns: FRAMES_EACH, seed: SEED + linkType }).map(build);
    const segments = segmentsIn(frames, linkType);
    expect(segments.size).toBe(FRAMES_EACH);
    expect(segments).toEqual(tsharkSegments(frames, linkType));
  });

  it("fragments in any order, inside of anything", () => {
    const [drawn = []] = fc.sample(shuffled, { numRuns: 1, seed: SEED });
    const frames = drawn.map(onEthernet);
    const segments = segmentsIn(frames, 1);
    expect(segments.size).toBeGreaterThanOrEqual(DATAGRAMS - LOST_MAX);
    expect(segments).toEqual(tsharkSegments(frames, 1));
  });
});
