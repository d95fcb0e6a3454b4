import type { KnownHosts } from "./known-hosts.ts";
import type { Analysis, Flow, Holder } from "./model.ts";

/** Says of every peer and of both ends of every flow whether it is in the list of known hosts. */
export function markKnown(analysis: Analysis, hosts: KnownHosts): Analysis {
  const names = analysis.names ?? {};
  const known = (ip: string): boolean => hosts.has(ip, Object.hasOwn(names, ip) ? names[ip] : undefined);
  return {
    ...analysis,
    flows: analysis.flows.map((flow) => markFlow(flow, known)),
    holders: analysis.holders.map((holder) => markHolder(holder, known)),
  };
}

/** @param known whether an address is in the list */
export function markFlow(flow: Flow, known: (ip: string) => boolean): Flow {
  return { ...flow, known: { client: known(flow.client.ip), server: known(flow.server.ip) } };
}

function markHolder(holder: Holder, known: (ip: string) => boolean): Holder {
  return { ...holder, peers: holder.peers.map((peer) => ({ ...peer, known: known(peer.ip) })) };
}
