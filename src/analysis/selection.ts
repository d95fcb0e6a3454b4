import ipaddr from "ipaddr.js";
import { peerOf } from "../tcp/conversation.ts";
import type { FlowHistory } from "../tcp/history.ts";
import type { Selection } from "./options.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

/** Which flows the user asked for. Addresses are compared as addresses, not as text. */
export class FlowFilter {
  readonly #hosts: ReadonlySet<string>;
  readonly #nets: readonly Range[];
  readonly #ports: ReadonlySet<number>;
  readonly #holders: readonly { readonly ip: string; readonly port: number | null }[];

  constructor(selection: Selection) {
    this.#hosts = new Set(selection.hosts.map(canonical));
    this.#nets = selection.nets.map((net) => ipaddr.parseCIDR(net));
    this.#ports = new Set(selection.ports);
    this.#holders = selection.holders.map(({ ip, port }) => ({ ip: canonical(ip), port }));
  }

  /** By the endpoints alone. */
  acceptsEndpoints({ ends }: FlowHistory): boolean {
    if (this.#hosts.size > 0 && !ends.some((end) => this.#hosts.has(end.ip))) return false;
    if (this.#ports.size > 0 && !ends.some((end) => this.#ports.has(end.port))) return false;
    return this.#nets.length === 0 || ends.some((end) => this.#nets.some((net) => isWithin(ipaddr.parse(end.ip), net)));
  }

  /** By the end that holds it. */
  acceptsHolder(history: FlowHistory): boolean {
    if (this.#holders.length === 0) return true;
    if (history.closer === null) return false;
    const holder = history.ends[peerOf(history.closer)];
    return this.#holders.some(({ ip, port }) => ip === holder.ip && (port === null || port === holder.port));
  }
}

/** As addresses of flows are printed (RFC 5952). */
const canonical = (ip: string): string => ipaddr.parse(ip).toString();

const isWithin = (address: Address, [range, bits]: Range): boolean =>
  address.kind() === range.kind() && address.match(range, bits);
