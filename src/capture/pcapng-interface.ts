import { recordOctetsMax } from "./limits.ts";
import { BLOCK, INTERFACE, INTERFACE_OPTION, STATISTICS_OPTION } from "./pcapng-layout.ts";
import type { OptionCursor } from "./pcapng-options.ts";
import { TickClock } from "./tick-clock.ts";

/** if_tsresol (§4.2): without it time counts microseconds. Bit 7 tells powers of two from powers of ten. */
const TIME_RESOLUTION_DEFAULT = 6;
const TIME_RESOLUTION_BINARY = 0x80;

const MICROSECOND_CLOCK = new TickClock(1_000_000n, 0n);

/** One interface of the current section: how its packets are to be read, and what its counters said last. */
export class PcapngInterface {
  readonly linkType: number;
  /** 0: no limit. */
  readonly snapLength: number;
  /** Largest captured length to believe. */
  readonly capturedMax: number;
  readonly clock: TickClock;
  /** Packets that the packets of this interface say were lost in front of them; null: none says anything. */
  droppedBetween: number | null = null;
  /** Latest isb_endtime, nanoseconds since the epoch. */
  endNanos: bigint | null = null;
  /**
   * isb_ifdrop (the interface ran out of resources) plus isb_osdrop (the system did): packets that reached the host and are not in the
   * file. isb_ifrecv and isb_usrdeliv count what came through, isb_filteraccept what was wanted: none of them is a loss. Counters are
   * cumulative: the latest block counts. null: no block said anything.
   */
  #dropped: number | null = null;

  /** Reads the Interface Description Block of `octets` octets at `view[offset]`. */
  constructor(view: DataView, offset: number, octets: number, option: OptionCursor, onComment: () => void) {
    const { littleEndian } = option;
    this.linkType = view.getUint16(offset + INTERFACE.linkType, littleEndian);
    this.snapLength = view.getUint32(offset + INTERFACE.snapLength, littleEndian);
    this.capturedMax = recordOctetsMax(this.snapLength);

    let resolution = TIME_RESOLUTION_DEFAULT;
    let offsetSeconds = 0n;
    option.start(view, offset + INTERFACE.options, offset + octets - BLOCK.trailerOctets, littleEndian);
    while (option.next()) {
      if (option.isComment) onComment();
      else if (option.code === INTERFACE_OPTION.timeResolution) {
        if (option.has(1)) resolution = view.getUint8(option.offset);
      } else if (option.code === INTERFACE_OPTION.timeOffset) {
        if (option.has(8)) offsetSeconds = view.getBigInt64(option.offset, littleEndian);
      }
      // if_fcslen needs no care: the IP header tells where the datagram ends.
    }
    this.clock = new TickClock(ticksPerSecond(resolution), offsetSeconds);
  }

  /** Both counters count the same losses, so the larger one is the better news of them; null: nothing was said. */
  get dropped(): number | null {
    if (this.#dropped === null || this.droppedBetween === null) return this.#dropped ?? this.droppedBetween;
    return Math.max(this.#dropped, this.droppedBetween);
  }

  noteDrops(drops: number): void {
    this.droppedBetween = (this.droppedBetween ?? 0) + drops;
  }

  /** Takes over the counters of the options that the cursor stands in front of. No capture ends before `firstNanos`, its first record. */
  readStatistics(option: OptionCursor, firstNanos: bigint | null): void {
    let interfaceDrop: bigint | null = null;
    let systemDrop: bigint | null = null;
    while (option.next()) {
      if (option.code === STATISTICS_OPTION.interfaceDrop) interfaceDrop = option.counter;
      else if (option.code === STATISTICS_OPTION.systemDrop) systemDrop = option.counter;
      else if (option.code === STATISTICS_OPTION.endTime && option.has(8)) this.#noteEnd(option, firstNanos ?? 0n);
    }
    if (interfaceDrop !== null || systemDrop !== null) {
      this.#dropped = Number((interfaceDrop ?? 0n) + (systemDrop ?? 0n));
    }
  }

  #noteEnd({ view, offset, littleEndian }: OptionCursor, firstNanos: bigint): void {
    // Two words, the high one first in either byte order, like the time of a packet.
    const high = view.getUint32(offset, littleEndian);
    const low = view.getUint32(offset + 4, littleEndian);
    let end = this.clock.nanos(high, low);
    // dumpcap counts microseconds here whatever the interface's resolution is; in nanoseconds that is a day in 1970.
    if (end < firstNanos) end = MICROSECOND_CLOCK.nanos(high, low);
    if (end >= firstNanos && (this.endNanos === null || end > this.endNanos)) this.endNanos = end;
  }
}

function ticksPerSecond(resolution: number): bigint {
  const exponent = BigInt(resolution & ~TIME_RESOLUTION_BINARY);
  return resolution & TIME_RESOLUTION_BINARY ? 2n ** exponent : 10n ** exponent;
}
