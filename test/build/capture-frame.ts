/** A frame as a capture file keeps it. */
export interface CaptureFrame {
  /** Nanoseconds since the epoch. */
  readonly at: bigint;
  readonly octets: Uint8Array;
  /** Length on the wire, when more than was captured. */
  readonly originalLength?: number;
  /** pcapng only: index into the interfaces; 0 unless given. */
  readonly interface?: number;
  /** pcapng only. */
  readonly comment?: string;
}
