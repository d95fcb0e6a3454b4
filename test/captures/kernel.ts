/** What the kernels at both ends said of the connections in a recording (`ss`, put on record by `test/lab`), and what an analysis says else. */
import { readdirSync, readFileSync } from "node:fs";
import { endpointText } from "../../src/analysis/flow-name.ts";
import type { Analysis, Endpoint, Flow, Side, StateName } from "../../src/analysis/model.ts";
import type { AnalyzeOptions, Moment } from "../../src/analysis/options.ts";
import type { Socket } from "../../src/analysis/sockets.ts";

/** A file of `test/truth/`; `test/lab/truth.mjs` writes it. */
export interface Truth {
  readonly scenario: string;
  readonly captures: readonly { readonly file: string }[];
  /** When the recording stopped. */
  readonly connections: readonly ConnectionTruth[];
  /** The last one is when the recording stopped. */
  readonly moments: readonly MomentTruth[];
}

export interface ConnectionTruth {
  readonly client: string;
  readonly server: string;
  readonly label: string;
  readonly states: Readonly<Record<Side, string>>;
  readonly holder: Side | null;
  /** Of the wire; missing where the scenario did not follow this connection. */
  readonly closer?: Side | "both" | null;
}

interface SocketTruth {
  readonly host: string;
  readonly state: string;
  readonly local: string;
  readonly peer: string;
}

export interface MomentTruth {
  readonly label: string;
  /** Epoch seconds. */
  readonly at: number;
  readonly sockets: readonly SocketTruth[];
  readonly changing?: readonly SocketTruth[];
}

/** Where a kernel did what the wire cannot show. */
interface Exception {
  readonly scenario: string;
  /** Label of the connections. */
  readonly connection: string;
  /** Of one end only. */
  readonly host?: Side;
  /** At one moment only. */
  readonly moment?: string;
  readonly reason: string;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    scenario: "starts-mid-stream",
    connection: "leak from before the recording",
    reason: "all its packets came before the recording",
  },
  {
    scenario: "simultaneous-close",
    connection: "simultaneous",
    host: "client",
    moment: "when the FINs had crossed",
    reason: "the ACK that was recorded at the server was still on its slow way to the client",
  },
];

/** Settings of the kernels in a scenario that differ from what is taken for granted; a user would pass them, too. */
const KERNEL_SETTINGS: Readonly<Record<string, Partial<AnalyzeOptions>>> = {
  "fin-wait-2-reaped": { finTimeoutSeconds: 2 },
  "keep-alive-finds-reaped": { finTimeoutSeconds: 4 },
  "port-reused-into-close-wait": { finTimeoutSeconds: 1 },
};

const TRUTH = new URL("../truth/", import.meta.url);

const truths: readonly Truth[] = readdirSync(TRUTH)
  .filter((file) => file.endsWith(".json"))
  .map((file) => JSON.parse(readFileSync(new URL(file, TRUTH), "utf8")) as Truth);

/** The scenario that a capture was recorded in. */
export function truthOf(capture: string): Truth | undefined {
  return truths.find(({ captures }) => captures.some(({ file }) => file === capture));
}

export function settingsOf({ scenario }: Truth): Partial<AnalyzeOptions> {
  return KERNEL_SETTINGS[scenario] ?? {};
}

/** When the kernel was asked. */
export function momentOf({ at }: MomentTruth): Moment {
  return { kind: "absolute", nanos: BigInt(Math.round(at * 1000)) * 1_000_000n };
}

export interface Comparison {
  compared: number;
  readonly differences: string[];
  /** What the kernel says and the wire cannot show, and why. */
  readonly excused: string[];
}

const comparison = (): Comparison => ({ compared: 0, differences: [], excused: [] });

/** Both ends of every connection when the recording stopped, and who holds what half-closed. */
export function compareConnections(truth: Truth, { flows }: Analysis): Comparison {
  const result = comparison();
  const unknown = new Set(flows);
  for (const [index, connection] of truth.connections.entries()) {
    const flow = flowOf(truth, index, flows);
    const name = `${connection.label}, ${connection.client} > ${connection.server}`;
    if (flow === undefined) {
      const reason = reasonFor(truth, connection);
      if (reason === undefined) result.differences.push(`${name}: not found`);
      else result.excused.push(`${name}: ${reason}`);
      continue;
    }
    unknown.delete(flow);
    result.compared++;
    const expected = wordsOf(connection.states, connection.holder, connection.closer ?? null);
    const closer = connection.closer === undefined ? null : flow.closer;
    const told = wordsOf(flow.states, isHalfClosed(flow) ? flow.holder : null, closer);
    if (told !== expected) result.differences.push(`${name}: expected ${expected}; told ${told}`);
  }
  // The twin of a connection behind address translation is known by its other name.
  const wrong = [...unknown].filter((flow) => isHalfClosed(flow) && flow.sameAs === null);
  for (const { id } of wrong) result.differences.push(`${id}: half-closed, unknown to ss`);
  return result;
}

const isHalfClosed = ({ verdict }: Flow): boolean => verdict === "half-closed";

function wordsOf(states: Readonly<Record<Side, string>>, holder: Side | null, closer: Side | "both" | null): string {
  const ends = `client ${stateName(states.client)}, server ${stateName(states.server)}`;
  return `${ends}, held by ${holder ?? "nobody"}, closed by ${closer ?? "nobody"}`.replace("by both", "by nobody");
}

/** Of several incarnations the last is the last. */
function flowOf({ connections }: Truth, index: number, flows: readonly Flow[]): Flow | undefined {
  const { client, server } = connections[index] as ConnectionTruth;
  const later = connections.slice(index + 1).filter((other) => other.client === client && other.server === server);
  const isIt = (flow: Flow) => textOf(flow.client) === client && textOf(flow.server) === server;
  const incarnations = flows.filter(isIt);
  return incarnations.at(-1 - later.length);
}

/** Every socket of a moment. What `ss` saw change between its two looks is nobody's to judge. */
export function compareSockets(
  truth: Truth,
  moment: MomentTruth,
  { sockets, flows }: { readonly sockets: readonly Socket[]; readonly flows: readonly Flow[] },
): Comparison {
  const result = comparison();
  const changing = new Set((moment.changing ?? []).map(({ local, peer }) => `${local} > ${peer}`));
  const told = new Map(sockets.map(({ local, peer, state }) => [`${textOf(local)} > ${textOf(peer)}`, state]));
  for (const { host, local, peer, state } of moment.sockets) {
    const name = `${local} > ${peer}`;
    const expected = stateName(state);
    const found = told.get(name) ?? "CLOSED";
    told.delete(name);
    if (changing.has(name)) continue;
    const reason = found === expected ? undefined : reasonAt(truth, moment, host, [local, peer], flows);
    if (reason !== undefined) {
      result.excused.push(`${moment.label}: ${name}: ${reason}`);
      continue;
    }
    result.compared++;
    if (found !== expected) result.differences.push(`${moment.label}: ${name}: expected ${expected}; told ${found}`);
  }
  for (const [name, state] of told) {
    if (!changing.has(name)) result.differences.push(`${moment.label}: ${name}: expected CLOSED; told ${state}`);
  }
  return result;
}

/** Why one socket may be told differently at a moment. */
function reasonAt(
  truth: Truth,
  { label, at }: MomentTruth,
  host: string,
  ends: readonly string[],
  flows: readonly Flow[],
): string | undefined {
  const isIt = (client: string, server: string) => ends.includes(client) && ends.includes(server);
  const flow = flows.find((candidate) => isIt(textOf(candidate.client), textOf(candidate.server)));
  if (flow?.reasons.includes("mid-stream") && Date.parse(flow.firstAt) > at * 1000) {
    return "its first packet in the recording came later";
  }
  const connection = truth.connections.find(({ client, server }) => isIt(client, server));
  return connection && reasonFor(truth, connection, host, label);
}

function reasonFor(
  { scenario }: Truth,
  { label }: ConnectionTruth,
  host?: string,
  moment?: string,
): string | undefined {
  const applies = (exception: Exception) =>
    exception.scenario === scenario &&
    exception.connection === label &&
    (exception.host === undefined || exception.host === host) &&
    (exception.moment === undefined || exception.moment === moment);
  return EXCEPTIONS.find(applies)?.reason;
}

const textOf = ({ ip, port }: Endpoint): string => endpointText(ip, port);

/** `ss` abbreviates two of the RFC's names. */
function stateName(state: string): StateName | string {
  if (state === "ESTAB") return "ESTABLISHED";
  return state === "SYN-RECV" ? "SYN-RECEIVED" : state;
}
