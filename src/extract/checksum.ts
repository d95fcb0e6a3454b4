/**
 * RFC 1624 §3: HC' = ~(~HC + ~m + m'), over all 16-bit words of a part of a header that changed. So a checksum that was right stays right,
 * and one that was wrong stays wrong. `before` and `after` have the same even length and begin at an even offset of what is summed.
 */
export function adjustedChecksum(checksum: number, before: Uint8Array, after: Uint8Array): number {
  let sum = ~checksum & 0xffff;
  for (let at = 0; at < before.length; at += 2) {
    sum += (~wordAt(before, at) & 0xffff) + wordAt(after, at);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const wordAt = (octets: Uint8Array, at: number): number => ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
