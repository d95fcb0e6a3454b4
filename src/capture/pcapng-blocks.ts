// The registry of block types, draft-ietf-opsawg-pcapng §10.1. What a reader of TCP segments needs is read; the rest is known by name.

import { INTERFACE, NAMES, SECTION, STATISTICS } from "./pcapng-layout.ts";

export const BLOCK_TYPE = {
  interface: 1,
  packet: 2, // obsolete
  simplePacket: 3,
  nameResolution: 4,
  interfaceStatistics: 5,
  enhancedPacket: 6,
  journal: 9,
  decryptionSecrets: 0x0a,
  custom: 0x0bad,
  customNotToBeCopied: 0x4000_0bad,
  section: 0x0a0d0d0a, // the same in both byte orders
} as const;

/** Blocks that are looked into; all others are passed over unbuffered, whatever their length. */
export function isRead(type: number): boolean {
  return (
    type === BLOCK_TYPE.enhancedPacket ||
    type === BLOCK_TYPE.simplePacket ||
    type === BLOCK_TYPE.packet ||
    type === BLOCK_TYPE.interface ||
    type === BLOCK_TYPE.interfaceStatistics ||
    type === BLOCK_TYPE.nameResolution ||
    type === BLOCK_TYPE.section
  );
}

/** Shortest block of a type, of those without packets, that holds all its fields. */
export function leastOctets(type: number): number {
  if (type === BLOCK_TYPE.section) return SECTION.octetsMin;
  if (type === BLOCK_TYPE.interface) return INTERFACE.octetsMin;
  return type === BLOCK_TYPE.interfaceStatistics ? STATISTICS.octetsMin : NAMES.octetsMin;
}

interface PassedOver {
  readonly name: string;
  /** Wireshark lists it among the packets: it has a frame number, and the packets behind it have higher ones. */
  readonly isFrame: boolean;
}

const PASSED_OVER: ReadonlyMap<number, PassedOver> = new Map([
  [7, other("time stamp")],
  [8, other("avionics (ARINC 429)")],
  [BLOCK_TYPE.journal, frame("systemd journal")],
  [BLOCK_TYPE.decryptionSecrets, other("decryption secrets")],
  [0x101, other("Hone process")],
  [0x102, other("Hone connection")],
  [BLOCK_TYPE.custom, frame("custom")],
  [BLOCK_TYPE.customNotToBeCopied, frame("custom")],
]);

/** System calls, written by sysdig: 0x201 to 0x222. These of them are events. */
const SYSDIG_FIRST = 0x201;
const SYSDIG_LAST = 0x222;
const SYSDIG_EVENTS: readonly number[] = [0x204, 0x208, 0x216, 0x217, 0x221, 0x222];

/** Bit 31 marks types that everybody may use as they like. */
const LOCAL_USE = 0x8000_0000;

/** What is known of a block that is passed over. */
export function passedOver(type: number): PassedOver {
  const known = PASSED_OVER.get(type);
  if (known) return known;
  if (type >= SYSDIG_FIRST && type <= SYSDIG_LAST) return { name: "sysdig", isFrame: SYSDIG_EVENTS.includes(type) };
  return other(type >= LOCAL_USE ? "local use" : "unknown");
}

function other(name: string): PassedOver {
  return { name, isFrame: false };
}

function frame(name: string): PassedOver {
  return { name, isFrame: true };
}
