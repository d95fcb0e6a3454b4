import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isSegment } from "../build/captured.ts";
import { pcapFile, pcapngFile } from "../build/captures.ts";
import { type Conversation, conversation } from "../build/conversation.ts";
import { formatEndpoint } from "../build/endpoint.ts";
import { wrapped } from "../build/numbering.ts";
import type { TestSegment } from "../build/segment.ts";
import { analyzed, comparable, moved, runs } from "./analyzing.ts";
import { randomConversation } from "./random-conversation.ts";
import { RECORDING_NAMES, recordingOf } from "./recordings.ts";

// Law 5: any ISN, any clock offset, either direction first: the same verdicts.

const NANOS_PER_SECOND = 1_000_000_000n;
const at = (iso: string): bigint => BigInt(Date.parse(iso)) * 1_000_000n;

const anyNumber = fc.oneof(
  fc.nat({ max: 2 ** 31 - 1 }).map((number) => 2 * number),
  fc.integer({ min: -3000, max: 3000 }).map(wrapped),
  fc.constantFrom(2 ** 31, 2 ** 31 - 1, 2 ** 32 - 1),
);

describe("the verdicts stay the same", () => {
  it("with any initial sequence numbers and time stamps", async () => {
    const perFlow = fc.array(fc.record({ client: anyNumber, server: anyNumber }), { minLength: 4, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(randomConversation(), perFlow, anyNumber, async ({ conversation: base }, shifts, tsShift) => {
        const told = comparable(await analyzed([base.pcap()]));
        const other = renumbered(base, shifts, tsShift);
        expect(comparable(await analyzed([other.pcap()]))).toEqual(told);
      }),
      runs(200),
    );
  });

  it("with any clock", async () => {
    const begin = fc.bigInt({ min: at("2000-01-01T00:00:00Z"), max: at("2100-01-01T00:00:00Z") });
    await fc.assert(
      fc.asyncProperty(randomConversation(), begin, async ({ conversation }, epoch) => {
        const frames = conversation.frames();
        const shift = epoch - (frames[0]?.at ?? 0n);
        const later = frames.map((frame) => ({ ...frame, at: frame.at + shift }));
        const told = comparable(await analyzed([pcapFile(frames, { resolution: "ns" })]), { text: moved(shift) });
        const laterTold = await analyzed([pcapFile(later, { resolution: "ns" })]);
        expect(comparable(laterTold, { text: moved(0n) })).toEqual(told);
      }),
      runs(80),
    );
  });

  it("before 1970 and after 2106, as pcapng can say it", async () => {
    const begin = fc.bigInt({ min: at("1900-01-01T00:00:00Z"), max: at("2500-01-01T00:00:00Z") });
    await fc.assert(
      fc.asyncProperty(randomConversation({ flowsMax: 2 }), begin, async ({ conversation }, epoch) => {
        const frames = conversation.frames();
        const shift = epoch - (frames[0]?.at ?? 0n);
        const later = frames.map((frame) => ({ ...frame, at: frame.at + shift }));
        const tsoffset = epoch / NANOS_PER_SECOND - 10n;
        const told = comparable(await analyzed([pcapFile(frames, { resolution: "ns" })]), { text: moved(shift) });
        const laterTold = await analyzed([pcapngFile(later, { tsresol: 9, tsoffset })]);
        expect(comparable(laterTold, { text: moved(0n) })).toEqual(told);
      }),
      runs(60),
    );
  });

  it("with the addresses in any order", async () => {
    const ranks = fc.array(fc.nat(), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(randomConversation(), ranks, async ({ conversation }, order) => {
        const names = renaming(conversation, order);
        const renamed = withAddresses(conversation, names);
        const told = comparable(await analyzed([conversation.pcap()]), { text: inText(names) });
        expect(sorted(comparable(await analyzed([renamed.pcap()])))).toEqual(sorted(told));
      }),
      runs(200),
    );
  });

  it.each(RECORDING_NAMES)("with any clock, for %s", async (name) => {
    const { frames, linkType } = await recordingOf(name);
    const begin = fc.bigInt({ min: at("2000-01-01T00:00:00Z"), max: at("2100-01-01T00:00:00Z") });
    await fc.assert(
      fc.asyncProperty(begin, async (epoch) => {
        const shift = epoch - (frames[0]?.at ?? 0n);
        const later = frames.map((frame) => ({ ...frame, at: frame.at + shift }));
        const write = (list: typeof frames) => pcapFile(list, { linkType, resolution: "ns" });
        const told = comparable(await analyzed([write(frames)]), { text: moved(shift) });
        expect(comparable(await analyzed([write(later)]), { text: moved(0n) })).toEqual(told);
      }),
      runs(2),
    );
  });
});

it("stays the same when a client that never acknowledged has a high number", async () => {
  const text = `
    0.000  c > s  [S]
    +0.001 s > c  [S.]
    1.000  c > s  [F]
    +0.001 s > c  [.]
  `;
  const [low, high] = [conversation(text), conversation(text, { isn: { c: 2 ** 31 + 1, s: 2 ** 31 + 1 } })];
  expect(comparable(await analyzed([high.pcap()]))).toEqual(comparable(await analyzed([low.pcap()])));
});

interface NumberShift {
  readonly client: number;
  readonly server: number;
}

/** Other ISNs for every flow and every end; a time stamp and its echo move together. */
function renumbered(conversation: Conversation, shifts: readonly NumberShift[], tsShift: number): Conversation {
  const flowOf = new Map([...conversation.parties].map(([name, endpoint]) => [formatEndpoint(endpoint), name]));
  return conversation.with((item) => {
    if (!isSegment(item)) return item;
    const [from, to] = [flowOf.get(formatEndpoint(item.from)) ?? "", flowOf.get(formatEndpoint(item.to)) ?? ""];
    const flow = Number((from.startsWith("c") ? from : to).slice(1)) - 1;
    const shift = shifts[flow] as NumberShift;
    // Flows must not get equal numbers: that would make them look like one connection seen twice.
    const [client, server] = [shift.client + flow * 1_000_033, shift.server + flow * 1_000_033];
    return from.startsWith("c") ? renumber(item, client, server, tsShift) : renumber(item, server, client, tsShift);
  });
}

function renumber(segment: TestSegment, own: number, other: number, tsShift: number): TestSegment {
  const { timestamps, sack } = segment.options ?? {};
  const acknowledges = segment.flags.includes(".");
  return {
    ...segment,
    seq: wrapped(segment.seq + own),
    ack: acknowledges ? wrapped(segment.ack + other) : segment.ack,
    options: {
      ...segment.options,
      ...(sack && { sack: sack.map(([left, right]) => [wrapped(left + other), wrapped(right + other)] as const) }),
      ...(timestamps && {
        timestamps: {
          value: wrapped(timestamps.value + tsShift),
          echo: acknowledges ? wrapped(timestamps.echo + tsShift) : timestamps.echo,
        },
      }),
    },
  };
}

/** A permutation of the addresses of each family. Equal ones stay equal. */
function renaming(conversation: Conversation, ranks: readonly number[]): ReadonlyMap<string, string> {
  const ips = [...new Set([...conversation.parties.values()].map(({ ip }) => ip))];
  const families = [ips.filter((ip) => ip.includes(":")), ips.filter((ip) => !ip.includes(":"))];
  return new Map(
    families.flatMap((family) => {
      const ranked = family.map((ip, index) => ({ ip, rank: ranks[index % ranks.length] as number }));
      const shuffled = ranked.sort((a, b) => a.rank - b.rank);
      return family.map((ip, index) => [ip, shuffled[index]?.ip as string] as const);
    }),
  );
}

function withAddresses(conversation: Conversation, names: ReadonlyMap<string, string>): Conversation {
  const renamed = (ip: string): string => names.get(ip) ?? ip;
  return conversation.with((item) =>
    isSegment(item)
      ? {
          ...item,
          from: { ...item.from, ip: renamed(item.from.ip) },
          to: { ...item.to, ip: renamed(item.to.ip) },
        }
      : item,
  );
}

const FLOW_ID = /^\[?([^\]]+?)\]?:(\d+)-\[?([^\]]+?)\]?:(\d+)@(.+)$/;

/** In a sentence, too. */
const ADDRESS = /\d+(\.\d+){3}|[\da-f]*:[\da-f:]*:[\da-f]+/g;

function inText(names: ReadonlyMap<string, string>): (text: string) => string {
  const bracketed = (ip: string) => (ip.includes(":") ? `[${ip}]` : ip);
  return (text) => {
    const [, from, fromPort, to, toPort, time] = FLOW_ID.exec(text) ?? [];
    if (from === undefined || to === undefined) return text.replace(ADDRESS, (ip) => names.get(ip) ?? ip);
    const [newFrom, newTo] = [names.get(from) ?? from, names.get(to) ?? to];
    return `${bracketed(newFrom)}:${fromPort}-${bracketed(newTo)}:${toPort}@${time}`;
  };
}

/** Holders, findings, and their peers, are in the order of addresses where nothing else tells them apart. */
function sorted(comparableAnalysis: unknown): unknown {
  type WithPeers = { peers: unknown[] }[];
  const { holders, findings, ...rest } = comparableAnalysis as { holders: WithPeers; findings: WithPeers };
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  const inOrder = (list: WithPeers) => list.map((item) => ({ ...item, peers: item.peers.sort(byText) })).sort(byText);
  return { ...rest, holders: inOrder(holders), findings: inOrder(findings) };
}
