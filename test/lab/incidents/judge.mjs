/** What was found, against what the programs did. */

/**
 * @typedef {number | string | null | {near: number, within: number} | {each: string, near: number[], within: number}} Expected A value; a number
 * within a tolerance; or numbers with that name in the rows of a list.
 *
 * @typedef {object} IncidentTruth What a program did, as it recorded itself.
 * @property {string} kind Of the finding that must be made.
 * @property {{ip: string, port: number | null}} holder
 * @property {{at: number, ip: string}[]} [events] Each time it happened, and to whom; more may have come before and after the recording. Or
 * @property {Record<string, number>} [peers] connections by the other end's address,
 * @property {number} [count] how many,
 * @property {number} [since] and since when. All times in epoch seconds.
 * @property {number | null} [until] Null: it went on; absent: not compared.
 * @property {Record<string, Expected>} numbers Of the finding's evidence, by dotted path.
 * @property {boolean} [isRemark] Of low severity.
 *
 * @typedef {object} Verdict
 * @property {string[]} hits
 * @property {string[]} misses
 * @property {string[]} falseFindings
 */

const START_SECONDS = 1;

/**
 * Every incident is found as it was, and nothing else is found. Remarks (low severity) that nobody asked for are no mistakes.
 * @param {readonly any[]} findings
 * @param {readonly IncidentTruth[]} told
 * @param {{from: number, until: number}} recorded Time of the first packet and of the last.
 * @returns {Verdict}
 */
export function judge(findings, told, recorded) {
  const truths = told.map((truth) => (truth.events === undefined ? truth : summed(truth, recorded)));
  const verdict = { hits: [], misses: [], falseFindings: [] };
  const used = new Set();
  for (const truth of truths) {
    const candidates = findings.filter(
      (finding) => !used.has(finding) && finding.kind === truth.kind && isSame(finding.holder, truth.holder),
    );
    const [finding] = candidates.sort((a, b) => differences(a, truth).length - differences(b, truth).length);
    if (finding === undefined) {
      verdict.misses.push(`${nameOf(truth)}: not found`);
      continue;
    }
    used.add(finding);
    const different = differences(finding, truth);
    if (different.length === 0) verdict.hits.push(nameOf(truth));
    else verdict.misses.push(`${nameOf(truth)}: ${different.join("; ")}`);
  }
  for (const finding of findings) {
    if (!used.has(finding) && finding.severity !== "low") {
      verdict.falseFindings.push(`${nameOf(finding)} (${finding.severity}): ${finding.summary}`);
    }
  }
  return verdict;
}

function summed(
  /** @type {IncidentTruth} */ { events = [], ...truth },
  /** @type {{from: number, until: number}} */ { from, until },
) {
  const recorded = events.filter(({ at }) => at >= from && at <= until);
  /** @type {Record<string, number>} */
  const peers = {};
  for (const { ip } of recorded) peers[ip] = (peers[ip] ?? 0) + 1;
  return { ...truth, peers, count: recorded.length, since: recorded[0]?.at ?? 0 };
}

/** Where a finding tells otherwise than it was. @param {any} finding @param {IncidentTruth} truth */
export function differences(finding, { peers, count, since, until, numbers, isRemark = false }) {
  const found = Object.fromEntries(finding.peers.map(({ ip, count }) => [ip, count]));
  const late = secondsOf(finding.since) - since;
  const rows = [
    [(finding.severity === "low") !== isRemark, `severity is ${finding.severity}`],
    [finding.flowCount !== count, `${finding.flowCount} connections, were ${count}`],
    [text(found) !== text(peers), `peers ${text(found)}, were ${text(peers)}`],
    [Math.abs(late) > START_SECONDS, `begins ${late.toFixed(2)} s after it did`],
    ...(until === undefined ? [] : [[!isMoment(finding.until, until), `until ${finding.until}, was ${timeOf(until)}`]]),
    ...Object.entries(numbers).map(([path, expected]) => {
      const value = path.split(".").reduce((inner, name) => inner?.[name], finding.evidence);
      return [!fits(value, expected), `${path} is ${JSON.stringify(value)}, was ${JSON.stringify(expected)}`];
    }),
  ];
  return rows.filter(([isDifferent]) => isDifferent).map(([, says]) => says);
}

function fits(/** @type {any} */ value, /** @type {Expected} */ expected) {
  if (expected === null || typeof expected !== "object") return (value ?? null) === expected;
  const { near, within } = expected;
  if (!("each" in expected)) return typeof value === "number" && Math.abs(value - near) <= within;
  if (!Array.isArray(value) || value.length !== near.length) return false;
  return near.every((one, index) => Math.abs(value[index][expected.each] - one) <= within);
}

const isSame = (a, b) => a?.ip === b.ip && (a?.port ?? null) === b.port;
const isMoment = (found, was) =>
  found === null || was === null ? found === was : Math.abs(secondsOf(found) - was) <= START_SECONDS;
const secondsOf = (/** @type {string} */ timestamp) => Date.parse(`${timestamp.slice(0, 23)}Z`) / 1000;
const timeOf = (/** @type {number | null} */ at) => (at === null ? "null" : new Date(at * 1000).toISOString());
const nameOf = ({ kind, holder }) => `${kind} of ${holder.port === null ? holder.ip : `${holder.ip} ${holder.port}`}`;
const text = (/** @type {Record<string, number>} */ counts) =>
  Object.entries(counts)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([ip, count]) => `${ip} ${count}`)
    .join(", ");
