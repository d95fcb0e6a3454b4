import { mix } from "./seeded-hash.ts";

/**
 * The kinds of identifiers that are part of a flow's key: those that separate overlapping address spaces and are the same in both
 * directions, but for routed overlays (see `tunnel-pairs.ts`). MPLS labels, PPPoE and L2TP sessions, GTP's endpoints and ERSPAN's sessions are not. Told apart so that VNI 7 and GRE key
 * 7 are different tunnels; VXLAN and GENEVE are different networks, too.
 */
export const VXLAN_NETWORK = 1;
export const GRE_KEY = 2;
export const GENEVE_NETWORK = 3;
export const NVGRE_SUBNET = 4;
export const SERVICE_INSTANCE = 5;
export const LISP_INSTANCE = 6;
export const EOIP_TUNNEL = 7;

/** The `tunnel` column for identifier `id` of a kind: never 0, which stands for none. */
export function tunnelOf(kind: number, id: number): number {
  return mix(id ^ mix(kind)) || kind;
}
