// What generate.mjs offers to the tests, which are TypeScript.
import type { Case } from "./cases.mjs";

export interface Truth {
  packets: number;
  flows: number;
  tuples: number;
  midStream: number;
  openMax: number;
  openAtEnd: number;
  halfClosed: number;
  byStatus: { stuck: number; draining: number; recent: number };
  byHolder: { client: number; server: number };
  holders: Record<string, number>;
  resets: number;
  retransmissions: number;
  payloadSegments: number;
  finSegments: { client: number; server: number };
  seconds: number;
  octets: number;
}

export const GENERATOR_VERSION: number;
export const CACHE_FOLDER: string;
export function generate(path: string, parameters: Case): Promise<Truth>;
export function resized(parameters: Case, packets: number): Case;
export function cachedCapture(
  name: string,
  parameters: Case,
): Promise<{ path: string; truth: Truth; fileOctets: number; made: boolean }>;
