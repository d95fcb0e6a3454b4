import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Who runs in the benchmark: ours, and what people use today. The floor reads the file and does nothing.
 *
 * @typedef {object} Contestant
 * @property {string} name as printed
 * @property {string} program
 * @property {(capture: string) => string[]} args
 * @property {boolean} ours its output is checked against the truth
 * @property {boolean} slow runs once, on a smaller capture
 * @property {(parameters: import("./cases.mjs").Case) => boolean} reads whether it can read such a capture
 */

const anything = () => true;
const BIN = fileURLToPath(new URL("../../bin/closewait.js", import.meta.url));

/** @type {Contestant[]} */
const PEERS = [
  { name: "cat > /dev/null", program: "cat", args: (f) => [f], ours: false, slow: false, reads: anything },
  { name: "gzip -dc", program: "gzip", args: (f) => ["-dc", f], ours: false, slow: false, reads: (c) => c.gzip },
  { name: "capinfos -c", program: "capinfos", args: (f) => ["-c", f], ours: false, slow: false, reads: anything },
  {
    name: "tcpdump 'tcp[13]&1!=0'",
    program: "tcpdump",
    args: (f) => ["-r", f, "-w", "/dev/null", "tcp[13]&1!=0"],
    ours: false,
    slow: false,
    reads: (c) => !c.gzip && c.ipv6Share === 0, // its tcp[] does not look into IPv6
  },
  {
    name: "tcptrace -n",
    program: "tcptrace",
    args: (f) => ["-n", f], // without -n it waits for DNS
    ours: false,
    slow: true,
    reads: (c) => !c.gzip && c.format === "pcap",
  },
  {
    name: "tshark -z conv,tcp",
    program: "tshark",
    args: (f) => ["-q", "-z", "conv,tcp", "-r", f],
    ours: false,
    slow: true,
    reads: anything,
  },
];

/**
 * @param {readonly number[]} threads one contestant each; none: as a user gets it
 * @returns {Contestant[]}
 */
function oursWith(threads) {
  const args = (/** @type {string[]} */ options) => (/** @type {string} */ f) => [
    BIN,
    "analyze",
    "--format",
    "json",
    ...options,
    f,
  ];
  const common = { program: process.execPath, ours: true, slow: false, reads: anything };
  if (threads.length === 0) return [{ name: "closewait", args: args([]), ...common }];
  return threads.map((n) => ({ name: `closewait --threads ${n}`, args: args(["--threads", String(n)]), ...common }));
}

/** @param {string} program */
function isInstalled(program) {
  if (program.includes("/")) return true;
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** @param {readonly number[]} threads */
export function contestants(threads) {
  const installed = PEERS.filter((peer) => isInstalled(peer.program));
  return {
    present: [...oursWith(threads), ...installed],
    notInstalled: PEERS.filter((peer) => !installed.includes(peer)).map((peer) => peer.program),
  };
}
