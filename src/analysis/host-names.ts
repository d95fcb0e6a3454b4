import type { HostName } from "../capture/annotations.ts";
import type { CaptureSummary } from "../capture/capture.ts";
import { formatIpv4, formatIpv6 } from "../wire/addresses.ts";
import type { FlowsResult } from "./analyst.ts";

/** Names by address. */
export type HostNames = Readonly<Record<string, string>>;

/**
 * The names that the captures themselves give the addresses of a result, in the order in which it mentions them; undefined if there are
 * none.
 */
export function hostNames(
  captures: readonly CaptureSummary[],
  { flows, holders }: Pick<FlowsResult, "flows" | "holders">,
): HostNames | undefined {
  const known = namesByAddress(captures);
  if (known.size === 0) return undefined;

  const names: Record<string, string> = {};
  const mention = (ip: string) => {
    const name = known.get(ip);
    if (name !== undefined) names[ip] = name;
  };
  for (const { endpoint, peers } of holders) {
    mention(endpoint.ip);
    for (const { ip } of peers) mention(ip);
  }
  for (const { client, server } of flows) {
    mention(client.ip);
    mention(server.ip);
  }
  return Object.keys(names).length === 0 ? undefined : names;
}

/** All names the captures gave so far. Of several names of an address the first one counts. */
export function namesByAddress(captures: readonly CaptureSummary[]): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const { address, name } of captures.flatMap(({ annotations }) => annotations?.hostNames ?? [])) {
    const ip = addressText(address);
    if (!known.has(ip)) known.set(ip, name);
  }
  return known;
}

export const countOfNames = (captures: readonly CaptureSummary[]): number =>
  captures.reduce((sum, { annotations }) => sum + (annotations?.hostNames.length ?? 0), 0);

function addressText(address: HostName["address"]): string {
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  if (address.length === 4) return formatIpv4(view.getInt32(0));
  return formatIpv6(view.getUint32(0), view.getUint32(4), view.getUint32(8), view.getUint32(12));
}
