import type { FlowKey } from "../transcript/fold.ts";
import { formatIpv6, Ipv4Texts } from "../wire/addresses.ts";
import type { EndIndex } from "./conversation.ts";

/** Address and port of both ends of a key. */
export type Endpoints = readonly [
  { readonly ip: string; readonly port: number },
  { readonly ip: string; readonly port: number },
];

export const flowEndpoints = (key: FlowKey): Endpoints => [
  { ip: addressOf(key, 0), port: key.portA },
  { ip: addressOf(key, 1), port: key.portB },
];

const ipv4Texts = new Ipv4Texts();

export function addressOf(key: FlowKey, side: EndIndex): string {
  if (!key.ipv6) return ipv4Texts.of(side === 0 ? key.addressA : key.addressB);
  const first = side * 4;
  return formatIpv6(key.word(first), key.word(first + 1), key.word(first + 2), key.word(first + 3));
}
