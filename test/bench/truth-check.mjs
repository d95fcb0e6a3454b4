/**
 * A fast wrong answer is worthless: compares an analysis with what the generator knows. Endpoints are compared rather than roles, as roles of
 * flows that began before the capture are guesses.
 *
 * @param {any} analysis as `--format json` prints it
 * @param {import("./generate.mjs").Truth} truth
 * @returns {string[]} the differences
 */
export function differences(analysis, truth) {
  const found = { ...analysis.totals };
  const wanted = {
    packets: truth.packets,
    tcpSegments: truth.packets,
    duplicates: 0,
    flows: truth.flows,
    halfClosed: truth.halfClosed,
    stuck: truth.byStatus.stuck,
    draining: truth.byStatus.draining,
    recent: truth.byStatus.recent,
  };
  const list = Object.entries(wanted)
    .filter(([name, count]) => found[name] !== count)
    .map(([name, count]) => `totals.${name} is ${found[name]}, not ${count}`);
  const holders = new Map(analysis.holders.map((/** @type {any} */ h) => [endpointText(h.endpoint), h.halfClosed]));
  for (const [endpoint, count] of Object.entries(truth.holders)) {
    const held = holders.get(endpoint) ?? 0;
    if (held !== count) list.push(`${endpoint} holds ${held}, not ${count}`);
  }
  return list;
}

/** @param {{ip: string, port: number}} endpoint */
function endpointText({ ip, port }) {
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
