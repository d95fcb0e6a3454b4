/** https://datatracker.ietf.org/doc/draft-ietf-opsawg-pcapng/ */
import type { CaptureFrame } from "./capture-frame.ts";
import { addressOctets } from "./endpoint.ts";
import { type Link, linkTypeNumber } from "./links.ts";
import { concat, type Endian, padding, u16, u32, u64 } from "./octets.ts";

export interface PcapngInterface {
  /** EN10MB unless given. */
  readonly linkType?: Link | number;
  /** Zero, meaning no limit, unless given; frames are cut to it. */
  readonly snaplen?: number;
  /** The octet as it stands in the file: 6 for µs, 9 for ns, 0x80 | n for 2^-n s. The option is left out unless given, which means µs. */
  readonly tsresol?: number;
  /** Seconds that a reader adds to every time of this interface. */
  readonly tsoffset?: bigint;
  readonly name?: string;
  /** Packets that the interface dropped; with `endTime`, in an interface statistics block. */
  readonly dropped?: number;
  /** Nanoseconds since the epoch. */
  readonly endTime?: bigint;
}

export interface NameEntry {
  readonly ip: string;
  readonly names: readonly string[];
}

/** The fields of an interface describe the only one, unless `interfaces` lists several. */
export interface PcapngOptions extends PcapngInterface {
  /** Little unless given. */
  readonly endian?: Endian;
  readonly interfaces?: readonly PcapngInterface[];
  /** The byte order of each section; the frames are dealt out in equal shares, in order. One section unless given. */
  readonly sections?: readonly Endian[];
  /** Simple packet blocks, which have no time and belong to the first interface. */
  readonly simplePackets?: boolean;
  readonly nameResolution?: readonly NameEntry[];
  /** Blocks no reader knows: in front of the first interface and behind every packet. */
  readonly unknownBlocks?: boolean;
}

const BLOCK = { SECTION: 0x0a0d0d0a, INTERFACE: 1, SIMPLE: 3, NAMES: 4, STATISTICS: 5, PACKET: 6, UNKNOWN: 0x80c105ed };
const COMMENT = 1;
const IF = { NAME: 2, TSRESOL: 9, TSOFFSET: 14 };
const ISB = { ENDTIME: 3, IFDROP: 5 };
const NRB = { IPV4: 1, IPV6: 2 };
const MICROSECONDS = 6;

type Option = readonly [code: number, value: Uint8Array];

export function pcapngFile(frames: readonly CaptureFrame[], options: PcapngOptions = {}): Uint8Array {
  const { endian = "little", sections = [endian] } = options;
  const share = Math.ceil(frames.length / sections.length);
  return concat(
    ...sections.map((order, index) =>
      new Section(order, options).octets(frames.slice(index * share, (index + 1) * share)),
    ),
  );
}

class Section {
  readonly #endian: Endian;
  readonly #options: PcapngOptions;
  readonly #interfaces: readonly PcapngInterface[];

  constructor(endian: Endian, options: PcapngOptions) {
    this.#endian = endian;
    this.#options = options;
    this.#interfaces = options.interfaces ?? [options];
  }

  octets(frames: readonly CaptureFrame[]): Uint8Array {
    const { unknownBlocks, nameResolution, simplePackets } = this.#options;
    const unknown = unknownBlocks ? [this.#block(BLOCK.UNKNOWN, Uint8Array.of(1, 2, 3))] : [];
    return concat(
      this.#sectionHeader(),
      ...unknown,
      ...this.#interfaces.map((description) => this.#description(description)),
      ...(nameResolution ? [this.#names(nameResolution)] : []),
      ...frames.flatMap((frame) => [simplePackets ? this.#simplePacket(frame) : this.#packet(frame), ...unknown]),
      ...this.#interfaces.flatMap((description, id) => this.#statistics(description, id)),
    );
  }

  #sectionHeader(): Uint8Array {
    const LENGTH_UNKNOWN = -1n;
    return this.#block(
      BLOCK.SECTION,
      concat(this.#u32(0x1a2b3c4d), this.#u16(1), this.#u16(0), u64(LENGTH_UNKNOWN, this.#endian)),
    );
  }

  #description({ linkType = "EN10MB", snaplen = 0, name, tsresol, tsoffset }: PcapngInterface): Uint8Array {
    const options: Option[] = [];
    if (name !== undefined) options.push([IF.NAME, text(name)]);
    if (tsresol !== undefined) options.push([IF.TSRESOL, Uint8Array.of(tsresol)]);
    if (tsoffset !== undefined) options.push([IF.TSOFFSET, u64(tsoffset, this.#endian)]);
    const fixed = concat(this.#u16(linkTypeNumber(linkType)), this.#u16(0), this.#u32(snaplen));
    return this.#block(BLOCK.INTERFACE, fixed, options);
  }

  #packet(frame: CaptureFrame): Uint8Array {
    const id = frame.interface ?? 0;
    const description = this.#interface(id);
    const captured = cut(frame, description);
    return this.#block(
      BLOCK.PACKET,
      concat(
        this.#u32(id),
        this.#time(frame.at, description),
        this.#u32(captured.length),
        this.#u32(frame.originalLength ?? frame.octets.length),
        captured,
      ),
      frame.comment === undefined ? [] : [[COMMENT, text(frame.comment)]],
    );
  }

  #simplePacket(frame: CaptureFrame): Uint8Array {
    const captured = cut(frame, this.#interface(0));
    return this.#block(BLOCK.SIMPLE, concat(this.#u32(frame.originalLength ?? frame.octets.length), captured));
  }

  #statistics(description: PcapngInterface, id: number): Uint8Array[] {
    const { dropped, endTime } = description;
    if (dropped === undefined && endTime === undefined) return [];
    const options: Option[] = [];
    if (endTime !== undefined) options.push([ISB.ENDTIME, this.#time(endTime, description)]);
    if (dropped !== undefined) options.push([ISB.IFDROP, u64(BigInt(dropped), this.#endian)]);
    return [this.#block(BLOCK.STATISTICS, concat(this.#u32(id), this.#time(endTime ?? 0n, description)), options)];
  }

  #names(entries: readonly NameEntry[]): Uint8Array {
    const records = entries.map(({ ip, names }) => {
      const address = addressOctets(ip);
      const value = concat(address, ...names.map((name) => text(`${name}\0`)));
      return this.#option(address.length === 4 ? NRB.IPV4 : NRB.IPV6, value);
    });
    return this.#block(BLOCK.NAMES, concat(...records, this.#u32(0)));
  }

  #block(type: number, body: Uint8Array, options: readonly Option[] = []): Uint8Array {
    const list = options.map(([code, value]) => this.#option(code, value));
    const end = list.length > 0 ? [this.#u32(0)] : [];
    const content = concat(body, padding(body.length, 4), ...list, ...end);
    const length = this.#u32(content.length + 12);
    return concat(this.#u32(type), length, content, length);
  }

  #option(code: number, value: Uint8Array): Uint8Array {
    return concat(this.#u16(code), this.#u16(value.length), value, padding(value.length, 4));
  }

  /** The higher 32 bits come first in both byte orders. */
  #time(nanos: bigint, { tsresol = MICROSECONDS, tsoffset = 0n }: PcapngInterface): Uint8Array {
    const exponent = BigInt(tsresol & 0x7f);
    const ticksPerSecond = tsresol & 0x80 ? 2n ** exponent : 10n ** exponent;
    const ticks = BigInt.asUintN(64, ((nanos - tsoffset * 1_000_000_000n) * ticksPerSecond) / 1_000_000_000n);
    return concat(this.#u32(Number(ticks >> 32n)), this.#u32(Number(ticks & 0xffffffffn)));
  }

  #interface(id: number): PcapngInterface {
    const description = this.#interfaces[id];
    if (!description) throw new Error(`interface ${id} is not described; there are ${this.#interfaces.length}`);
    return description;
  }

  #u16(value: number): Uint8Array {
    return u16(value, this.#endian);
  }

  #u32(value: number): Uint8Array {
    return u32(value, this.#endian);
  }
}

function cut({ octets }: CaptureFrame, { snaplen = 0 }: PcapngInterface): Uint8Array {
  return snaplen === 0 ? octets : octets.subarray(0, snaplen);
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
