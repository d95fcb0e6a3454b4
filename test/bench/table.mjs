import Table from "cli-table3";

/** The report as text. Pure: no clock, no width of a terminal. */

const NO_BORDER = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "  ",
};

/** Above this load average before the first run the numbers are in doubt. */
const LOAD_QUIET = 0.7;

/** @param {import("./bench.mjs").Report} report */
export function render(report) {
  const { machine } = report;
  const parts = report.sections.map(renderSection);
  const memory = `${Math.round(machine.memoryOctets / 2 ** 30)} GiB`;
  parts.push(`${machine.cpu}, ${machine.cores} cores, ${memory}, ${machine.system}, Node ${machine.node}`);
  parts.push(
    `Medians of ${report.rounds} rounds (slow peers: one), ratios within a round, whole processes, file in the page cache.`,
  );
  if (machine.loadBefore > LOAD_QUIET) {
    parts.push(
      `The machine was busy (load ${machine.loadBefore.toFixed(1)} before the first run): measure again when it is quiet.`,
    );
  }
  if (report.notInstalled.length > 0) parts.push(`not installed: ${report.notInstalled.join(", ")}`);
  if (report.accountedBy !== "time")
    parts.push(`GNU time is not installed: CPU time and memory from ${report.accountedBy}`);
  return parts.join("\n\n");
}

/** @param {import("./bench.mjs").Section} section */
function renderSection({ name, shows, fileOctets, truth, replayMicrosPerFlow, rows }) {
  const table = new Table({
    head: ["", "packets/s", "wall", "CPU", "peak", "× capinfos", "× closewait", "answer"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right", "left"],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    chars: NO_BORDER,
  });
  for (const row of rows) {
    table.push([
      row.name,
      row.packetsPerSecond === null ? "-" : count(row.packetsPerSecond),
      fixed(row.wallSeconds, 2, " s"),
      fixed(row.cpuSeconds, 2, " s"),
      row.peakOctets === null ? "-" : fixed(row.peakOctets / 1e6, 0, " MB"),
      fixed(row.timesCapinfos, 2, ""),
      fixed(row.timesOurs, 2, ""),
      row.failure ?? (row.ours ? "right" : ""),
    ]);
  }
  const title = [
    `${name}: ${shows}`,
    `${count(truth.packets)} packets, ${count(truth.flows)} flows (${count(truth.openMax)} open at a time), ` +
      `${count(truth.halfClosed)} half-closed, ${(fileOctets / 1e6).toFixed(0)} MB`,
    `replay: ${fixed(replayMicrosPerFlow, 2, " µs")} a flow, on one thread`,
  ];
  const lines = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  return [...title, ...lines].join("\n");
}

/** @param {number} value */
function count(value) {
  return Math.round(value).toLocaleString("en");
}

/** @param {number | null} value @param {number} digits @param {string} unit */
function fixed(value, digits, unit) {
  return value === null ? "-" : value.toFixed(digits) + unit;
}
