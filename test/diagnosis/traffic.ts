/**
 * Many connections at once, each told by what its ends do; what comes out is one capture. Times are seconds since its beginning.
 *
 *     const traffic = new Traffic();
 *     const one = traffic.connect("10.0.0.1", "10.0.0.2:8080", 1.5);
 *     one.ask(1.6).answer(1.7).close("client", 2, { after: null });   // the server never closes
 */
import type { Analysis, Finding, FindingKind } from "../../src/analysis/model.ts";
import type { AnalyzeOptions } from "../../src/analysis/options.ts";
import { analyzeCaptures } from "../../src/questions.ts";
import { type Conversation, conversation } from "../build/conversation.ts";

type Side = "client" | "server";

interface Line {
  readonly at: number;
  readonly order: number;
  readonly text: string;
}

/** One way. */
const DELAY = 0.0002;

export class Traffic {
  readonly #lines: Line[] = [];
  readonly #names = new Map<string, string>();
  #port = 20_000;

  /** A connection with its handshake; clients without a port get the next. */
  connect(client: string, server: string, at: number): Connection {
    const one = this.connection(client, server);
    one.send("client", at, "[S]", "<mss 1460>");
    one.send("server", at + DELAY, "[S.]", "<mss 1460>");
    one.send("client", at + 2 * DELAY, "[.]");
    return one;
  }

  /** A connection whose handshake was not captured. */
  connection(client: string, server: string): Connection {
    const hasPort = client.includes("]:") || (!client.includes("::") && client.includes(":"));
    const port = this.#port++;
    const endpoint = hasPort ? client : client.includes(":") ? `[${client}]:${port}` : `${client}:${port}`;
    return new Connection(this, this.#nameOf(endpoint), this.#nameOf(server));
  }

  /** A SYN that nobody answers, sent so many times. */
  knock(client: string, server: string, at: number, times = 3): void {
    const one = this.connection(client, server);
    for (let time = 0; time < times; time++) one.send("client", at + 2 ** time - 1, "[S]", "seq 0  <mss 1460>");
  }

  line(at: number, text: string): void {
    this.#lines.push({ at, order: this.#lines.length, text });
  }

  /** Observation goes on until then. */
  until(at: number): this {
    this.line(at, "--  other traffic");
    return this;
  }

  conversation(): Conversation {
    const lines = [...this.#lines].sort((a, b) => a.at - b.at || a.order - b.order);
    const parties = Object.fromEntries([...this.#names].map(([endpoint, name]) => [name, endpoint]));
    return conversation(lines.map(({ at, text }) => `${at.toFixed(6)}  ${text}`).join("\n"), {
      parties,
      client: "192.0.2.1:1",
      server: "192.0.2.2:2",
    });
  }

  analyze(options: Partial<AnalyzeOptions> = {}): Promise<Analysis> {
    return analyzeCaptures([this.conversation().pcap({ resolution: "ns" })], options);
  }

  async findings(options: Partial<AnalyzeOptions> = {}): Promise<readonly Finding[]> {
    return (await this.analyze(options)).findings;
  }

  #nameOf(endpoint: string): string {
    const name = this.#names.get(endpoint) ?? `p${this.#names.size}`;
    this.#names.set(endpoint, name);
    return name;
  }
}

export class Connection {
  readonly #traffic: Traffic;
  readonly #client: string;
  readonly #server: string;

  constructor(traffic: Traffic, client: string, server: string) {
    this.#traffic = traffic;
    this.#client = client;
    this.#server = server;
  }

  send(from: Side, at: number, flags: string, more = ""): this {
    const [sender, receiver] = from === "client" ? [this.#client, this.#server] : [this.#server, this.#client];
    this.#traffic.line(at, `${sender} > ${receiver}  ${flags}  ${more}`);
    return this;
  }

  /** A request that the server's kernel acknowledges. */
  ask(at: number, octets = 100): this {
    return this.send("client", at, "[P.]", `length ${octets}`).send("server", at + DELAY, "[.]");
  }

  answer(at: number, octets = 200): this {
    return this.send("server", at, "[P.]", `length ${octets}`).send("client", at + DELAY, "[.]");
  }

  /** Requests and answers at a fixed interval. */
  talk(from: number, to: number, interval: number): this {
    for (let at = from; at <= to; at += interval) this.ask(at).answer(at + 0.01);
    return this;
  }

  /** One end closes; the other's kernel answers, and its application so many seconds later, or never (null). */
  close(side: Side, at: number, { after = 0.001 }: { after?: number | null } = {}): this {
    const other = side === "client" ? "server" : "client";
    this.send(side, at, "[F.]").send(other, at + DELAY, "[.]");
    return after === null ? this : this.send(other, at + after, "[F.]").send(side, at + after + DELAY, "[.]");
  }
}

/** What weighs more than a remark. */
export const weighty = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ severity }) => severity !== "low");

export const kindsOf = (findings: readonly Finding[]): FindingKind[] => findings.map(({ kind }) => kind);

export const only = (findings: readonly Finding[], kind: FindingKind): Finding => {
  const [found, ...others] = findings.filter((finding) => finding.kind === kind);
  if (found === undefined || others.length > 0) {
    throw new Error(`expected one ${kind}, found ${JSON.stringify(kindsOf(findings))}`);
  }
  return found;
};

/** Seconds between the beginning of the capture and a moment of the result. */
export const secondsAt = (at: string | null): number | null =>
  at === null ? null : (Date.parse(at) - Date.UTC(2026, 0, 1)) / 1000;
