import type { Dissection } from "./dissection.ts";
import { ETHERNET, PPP } from "./header-numbers.ts";
import { looksLikeEthernet } from "./unnamed-ethernet.ts";

/** RFC 2661 §3.1: flags tell which fields are there; tunnel and session always are. */
const FLAGS_OCTETS = 2;
const FLAG = { CONTROL: 0x8000, LENGTH: 0x4000, SEQUENCE: 0x0800, OFFSET: 0x0200, VERSION: 0x000f } as const;
const TUNNEL_AND_SESSION_OCTETS = 4;

/** RFC 3931 §4.1.2: version 3 over UDP has flags as well, and two reserved octets; session 0 is control. */
const RESERVED_OCTETS = 2;
const SESSION_OCTETS = 4;
/** A cookie of 0, 4 or 8 octets (RFC 3931 §4.1), and perhaps a sublayer of 4 (§4.6): only the two ends know. */
const BEFORE_FRAME: readonly number[] = [0, 4, 8, 12];

/** Sessions differ by direction, so they are not part of the key. */
export function l2tp(d: Dissection): number {
  if (!d.has(FLAGS_OCTETS)) return d.skip("frame-cut-short");
  const flags = d.view.getUint16(d.at);
  const version = flags & FLAG.VERSION;
  if ((flags & FLAG.CONTROL) !== 0 || (version !== 2 && version !== 3)) return d.skip("not-tcp");
  d.at += FLAGS_OCTETS;
  if (version === 3) {
    d.at += RESERVED_OCTETS;
    return l2tpv3(d);
  }
  if ((flags & FLAG.LENGTH) !== 0) d.at += 2;
  d.at += TUNNEL_AND_SESSION_OCTETS;
  if ((flags & FLAG.SEQUENCE) !== 0) d.at += 4;
  if ((flags & FLAG.OFFSET) !== 0) {
    if (!d.has(2)) return d.skip("frame-cut-short");
    d.at += 2 + d.view.getUint16(d.at);
  }
  return PPP;
}

/** Version 3, over IP without flags. What it carries was agreed upon when the session began: Ethernet is recognised. */
export function l2tpv3(d: Dissection): number {
  if (!d.has(SESSION_OCTETS)) return d.skip("frame-cut-short");
  if (d.view.getInt32(d.at) === 0) return d.skip("not-tcp");
  d.at += SESSION_OCTETS;
  for (const octets of BEFORE_FRAME) {
    if (!looksLikeEthernet(d, octets)) continue;
    d.at += octets;
    return ETHERNET;
  }
  return d.skip("not-tcp");
}

/** RFC 3378 §3: Ethernet over IP, version 3 and reserved bits. */
const ETHER_IP = { OCTETS: 2, VERSION: 0x3000 } as const;

export function etherIp(d: Dissection): number {
  if (!d.has(ETHER_IP.OCTETS)) return d.skip("frame-cut-short");
  if (d.view.getUint16(d.at) !== ETHER_IP.VERSION) return d.skip("not-tcp");
  d.at += ETHER_IP.OCTETS;
  return ETHERNET;
}
