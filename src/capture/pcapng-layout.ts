// Blocks and options of draft-ietf-opsawg-pcapng. Every block is: type, total length, body, total length again; a multiple of 4 octets.

/** Offsets in any block. */
export const BLOCK = { type: 0, totalLength: 4, body: 8, octetsMin: 12, trailerOctets: 4 } as const;

/** Section Header Block, §4.1. */
export const SECTION = { byteOrder: 8, major: 12, minor: 14, options: 24, octetsMin: 28 } as const;
export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
export const MAJOR_VERSION = 1;

/** Interface Description Block, §4.2. */
export const INTERFACE = { linkType: 8, snapLength: 12, options: 16, octetsMin: 20 } as const;
export const INTERFACE_OPTION = { timeResolution: 9, timeOffset: 14 } as const;

/** Enhanced Packet Block, §4.3. */
export const ENHANCED = {
  interface: 8,
  timeHigh: 12,
  timeLow: 16,
  capturedLength: 20,
  originalLength: 24,
  data: 28,
  octetsMin: 32,
} as const;
export const ENHANCED_OPTION = { dropCount: 4 } as const;

/** Packet Block, appendix A: the enhanced one with a short interface number and a drop counter. */
export const OLD_PACKET = { interface: 8, drops: 10, dropsUnknown: 0xffff } as const;

/** Simple Packet Block, §4.4. */
export const SIMPLE = { originalLength: 8, data: 12, octetsMin: 16 } as const;

/** Name Resolution Block, §4.5: records like options, then options. */
export const NAMES = { records: 8, octetsMin: 12 } as const;
export const NAME_RECORD = { end: 0, ipv4: 1, ipv6: 2 } as const;

/** Interface Statistics Block, §4.6. */
export const STATISTICS = { interface: 8, options: 20, octetsMin: 24 } as const;
export const STATISTICS_OPTION = { endTime: 3, interfaceDrop: 5, systemDrop: 7 } as const;

/** Block lengths and option lengths are padded to four octets. */
export function padded(octets: number): number {
  return (octets + 3) & ~3;
}
