/** Why a frame gave no segment. Every frame ends as a segment, as a duplicate, or under one of these. */
export type SkipReason =
  | "link-type-unknown" // captured on a kind of interface whose framing is not read here
  | "not-ip" // ARP, LLDP, spanning tree and the like
  | "not-tcp" // UDP, ICMP and the like
  | "encrypted" // an 802.11, MACsec or PPP payload
  | "fragment" // of a datagram that was put together: what it carries counts at the part that completed it
  | "fragment-incomplete" // other parts were not captured (a filter by port passes first parts only) or contradict it
  | "frame-cut-short" // by the capture length, before the header that tells what it carries
  | "ip-header-malformed" // version or lengths contradict themselves
  | "tcp-header-malformed" // shorter than 20 octets or longer than its datagram
  | "flags-unseen" // the capture length cut the TCP header before its flags and window
  | "nesting-too-deep"; // more headers inside each other than any real network uses

/** How many frames gave no segment, by reason. */
export class SkipCounts {
  readonly byReason: Record<SkipReason, number> = {
    "link-type-unknown": 0,
    "not-ip": 0,
    "not-tcp": 0,
    encrypted: 0,
    fragment: 0,
    "fragment-incomplete": 0,
    "frame-cut-short": 0,
    "ip-header-malformed": 0,
    "tcp-header-malformed": 0,
    "flags-unseen": 0,
    "nesting-too-deep": 0,
  };

  /** Fragments of TCP datagrams, among those that are incomplete: as many segments may be missing. */
  incompleteTcpFragments = 0;

  /** Frames by LINKTYPE_ number, for those whose link type is not read. */
  readonly unknownLinkTypes = new Map<number, number>();

  add(reason: SkipReason, linkType: number): void {
    this.byReason[reason]++;
    if (reason === "link-type-unknown") {
      this.unknownLinkTypes.set(linkType, (this.unknownLinkTypes.get(linkType) ?? 0) + 1);
    }
  }

  get total(): number {
    return Object.values(this.byReason).reduce((sum, count) => sum + count, 0);
  }
}
