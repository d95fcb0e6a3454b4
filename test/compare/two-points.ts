/**
 * One conversation, captured at the client (A) and at the server (B). Its times are those of sending; a segment passes the other point
 * `delay` later. A line that ends in `# lost` is dropped in between, `# not at A` and `# not at B` are missing from one capture only.
 */
import type { Comparison } from "../../src/compare/model.ts";
import { compareCaptures } from "../../src/questions.ts";
import { type Captured, isSegment } from "../build/captured.ts";
import { type ConversationOptions, conversation } from "../build/conversation.ts";
import type { Endpoint } from "../build/endpoint.ts";

export interface TwoPoints {
  /** One way, in seconds; 5 ms each unless given. */
  readonly delay?: { readonly there: number; readonly back: number };
  /** B's clock minus A's, in seconds, and how much it gains a second. */
  readonly offset?: number;
  readonly drift?: number;
  /** How an endpoint is called at B. */
  readonly translate?: (endpoint: Endpoint) => Endpoint;
  /** The client is at B. */
  readonly exchanged?: boolean;
  /** Seconds from the beginning within which a point captures, by A's clock. */
  readonly watch?: { readonly a?: readonly [number, number]; readonly b?: readonly [number, number] };
  readonly flows?: "differing" | "every";
  readonly told?: ConversationOptions;
}

const NANOS = 1e9;

export function twoPoints(text: string, options: TwoPoints = {}): { a: Uint8Array; b: Uint8Array } {
  const { delay = { there: 0.005, back: 0.005 }, offset = 0, drift = 0, translate, exchanged = false, watch } = options;
  const whole = conversation(text.replaceAll(/#.*$/gm, ""), options.told);
  const remarks = text
    .split("\n")
    .flatMap((line) => (/^\s*[\d+][\d.]*\S*\s/.test(line) ? [line.split("#")[1] ?? ""] : []));
  const client = [...whole.parties.values()][0];
  const [start = 0n] = whole.captured.map(({ at }) => at);
  const seenAt = (point: "a" | "b") => {
    const views = whole.captured.flatMap((item, index): Captured[] => {
      const remark = remarks[index]?.trim() ?? "";
      if (!isSegment(item)) return [{ ...item, at: clockOf(point, item.at) }];
      const fromClient = item.from.ip === client?.ip && item.from.port === client?.port;
      const near = fromClient !== exchanged ? "a" : "b";
      if (remark === `not at ${point.toUpperCase()}` || (remark === "lost" && point !== near)) return [];
      const way = near === point ? 0 : fromClient ? delay.there : delay.back;
      const at = item.at + BigInt(Math.round(way * NANOS));
      const seconds = Number(at - start) / NANOS;
      const [from, until] = watch?.[point] ?? [0, Number.POSITIVE_INFINITY];
      if (seconds < from || seconds > until) return [];
      const called = point === "b" && translate ? { from: translate(item.from), to: translate(item.to) } : {};
      return [{ ...item, ...called, at: clockOf(point, at) }];
    });
    return views.sort((x, y) => Number(x.at - y.at));
  };
  const clockOf = (point: "a" | "b", at: bigint): bigint =>
    point === "a" ? at : at + BigInt(Math.round((offset + (drift * Number(at - start)) / NANOS) * NANOS));
  const file = (point: "a" | "b") => {
    const views = seenAt(point);
    let next = 0;
    const padded = whole.with(() => views[next++]);
    return padded.pcap({ resolution: "ns" });
  };
  return { a: file("a"), b: file("b") };
}

export async function compared(text: string, options: TwoPoints = {}): Promise<Comparison> {
  const { a, b } = twoPoints(text, options);
  return compareCaptures({ a: [a], b: [b] }, options.flows ?? "every");
}

/** `SYN of client lost, 2:1, came later`, one for each discrepancy of each connection. */
export function discrepancies({ flows }: Comparison): string[] {
  return flows.flatMap((flow) =>
    flow.discrepancies.map(({ segment, sender, fate, copies, arrivedLater }) => {
      const later = arrivedLater ? ", came later" : "";
      return `${segment} of ${sender} ${fate}, ${copies.a}:${copies.b}${later}`;
    }),
  );
}

/** `half-closed + closed = closed`, one for each connection. */
export function verdicts({ flows }: Comparison): string[] {
  return flows.map(({ a, b, verdict }) => `${a?.verdict ?? "unseen"} + ${b?.verdict ?? "unseen"} = ${verdict}`);
}
