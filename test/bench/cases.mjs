/**
 * What the benchmark measures: one row per capture. A row says how it differs from the first one; `npm run bench` runs those marked
 * `usual`, `--only` names any.
 *
 * @typedef {object} Case
 * @property {string} shows
 * @property {boolean} usual
 * @property {number} seed
 * @property {number} packets exactly
 * @property {number} connections about; the truth has the number
 * @property {number} seconds of capture time, about
 * @property {number} openSeconds mean life of a connection: with `connections / seconds` it gives how many are open at a time
 * @property {number} rttMicros mean round trip between server and client
 * @property {number} excessShare what the connections would still write if the capture did not end, as a share of `packets`
 * @property {number | null} dataPackets of each connection before its close; null: spread so that packets and connections fit
 * @property {number} burstMax data segments in a row; 1 also lets the server speak first (a health check's banner)
 * @property {"tiny" | "mixed"} payload 2 to 24 octets, or up to what the MTU allows
 * @property {number} ipv6Share
 * @property {number} lossShare of data segments that are lost behind the capture point and come again
 * @property {number} mergedFinAckShare of closes in three segments instead of four
 * @property {number} midStreamShare of connections that began before the capture
 * @property {number} reuseShare of connections on the 4-tuple of an earlier, closed one
 * @property {Record<"serverNeverCloses" | "clientNeverCloses" | "reset" | "resetByHolder" | "halfCloseInUse" | "crossing", number>} endings
 * @property {"pcap" | "pcapng"} format
 * @property {boolean} gzip
 * @property {number} snapLength
 */

/** @type {Case} */
const SMALL = {
  shows: "small packets, many connections open at a time",
  usual: true,
  seed: 20,
  packets: 8_000_000,
  connections: 200_000,
  seconds: 75,
  openSeconds: 20,
  rttMicros: 8_000,
  excessShare: 0.015,
  dataPackets: null,
  burstMax: 6,
  payload: "tiny",
  ipv6Share: 0,
  lossShare: 0.008, // of segments with nothing unacknowledged before them: about 0.5 % of all with payload
  mergedFinAckShare: 0.5,
  midStreamShare: 0.02,
  reuseShare: 0.02,
  endings: {
    serverNeverCloses: 0.02,
    clientNeverCloses: 0.002,
    reset: 0.008,
    resetByHolder: 0.002,
    halfCloseInUse: 0.005,
    crossing: 0.002,
  },
  format: "pcap",
  gzip: false,
  snapLength: 262_144,
};

const extra = { ...SMALL, usual: false };

/** @type {Record<string, Case>} */
export const CASES = {
  small: SMALL,
  mixed: {
    ...SMALL,
    shows: "64 to 1514 octets, captured in full",
    packets: 2_000_000,
    connections: 50_000,
    payload: "mixed",
  },
  pcapng: { ...extra, shows: "small, as pcapng", format: "pcapng" },
  gzip: { ...extra, shows: "small, compressed", gzip: true },
  ipv6: { ...extra, shows: "small, over IPv6", ipv6Share: 1 },
  "health-checks": {
    ...extra,
    shows: "eight packets a connection: all control segments",
    connections: 1_000_000,
    openSeconds: 0.1,
    dataPackets: 1,
    burstMax: 1,
    lossShare: 0,
    mergedFinAckShare: 0,
    midStreamShare: 0,
  },
  long: {
    ...extra,
    shows: "few connections, 40,000 packets each",
    connections: 210,
    openSeconds: 20,
    rttMicros: 500,
    dataPackets: 39_990,
    midStreamShare: 0.2,
  },
  "million-open": {
    ...extra,
    shows: "a million connections, nearly all open at the end",
    connections: 1_100_000,
    openSeconds: 1600,
    excessShare: 9,
  },
  // Cost per packet as size grows while as many connections stay open at a time; 7 GB.
  tenfold: { ...extra, shows: "small, ten times as long", packets: 80_000_000, connections: 2_000_000, seconds: 750 },
};
