// What cases.mjs offers to the tests, which are TypeScript.
export interface Case {
  shows: string;
  usual: boolean;
  seed: number;
  packets: number;
  connections: number;
  seconds: number;
  openSeconds: number;
  rttMicros: number;
  excessShare: number;
  dataPackets: number | null;
  burstMax: number;
  payload: "tiny" | "mixed";
  ipv6Share: number;
  lossShare: number;
  mergedFinAckShare: number;
  midStreamShare: number;
  reuseShare: number;
  endings: Record<
    "serverNeverCloses" | "clientNeverCloses" | "reset" | "resetByHolder" | "halfCloseInUse" | "crossing",
    number
  >;
  format: "pcap" | "pcapng";
  gzip: boolean;
  snapLength: number;
}

export const CASES: Readonly<Record<string, Case>>;
