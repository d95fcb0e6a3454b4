import { recordOctetsMax } from "./limits.ts";
import { BLOCK, INTERFACE, INTERFACE_OPTION, OptionCursor, STATISTICS, STATISTICS_OPTION } from "./pcapng-layout.ts";
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
  /**
   * Packets that reached the host and are not in the file: isb_ifdrop (the interface ran out of resources) plus isb_osdrop (the
   * system did). isb_ifrecv and isb_usrdeliv count what came through, isb_filteraccept what was wanted: none of them is a loss.
   * Counters are cumulative: the latest block counts. null: no block said anything.
   */
  dropped: number | null = null;
  /** Latest isb_endtime, nanoseconds since the epoch. */
  endNanos: bigint | null = null;
  /** An option overran its block; the options behind it were lost. */
  readonly overrun: boolean;

  /** Reads the Interface Description Block of `octets` octets at `view[offset]`. */
  constructor(view: DataView, offset: number, octets: number, littleEndian: boolean) {
    this.linkType = view.getUint16(offset + INTERFACE.linkType, littleEndian);
    this.snapLength = view.getUint32(offset + INTERFACE.snapLength, littleEndian);
    this.capturedMax = recordOctetsMax(this.snapLength);

    let resolution = TIME_RESOLUTION_DEFAULT;
    let offsetSeconds = 0n;
    const end = offset + octets - BLOCK.trailerOctets;
    const option = new OptionCursor(view, offset + INTERFACE.options, end, littleEndian);
    while (option.next()) {
      if (option.code === INTERFACE_OPTION.timeResolution && option.length === 1) {
        resolution = view.getUint8(option.offset);
      } else if (option.code === INTERFACE_OPTION.timeOffset && option.length === 8) {
        offsetSeconds = view.getBigInt64(option.offset, littleEndian);
      }
      // if_fcslen needs no care: the IP header tells where the datagram ends.
    }
    this.overrun = option.overrun;
    this.clock = new TickClock(ticksPerSecond(resolution), offsetSeconds);
  }

  /**
   * Takes over the counters of an Interface Statistics Block; false if its options overran. No capture ends before `firstNanos`,
   * its first record.
   */
  readStatistics(
    view: DataView,
    offset: number,
    octets: number,
    littleEndian: boolean,
    firstNanos: bigint | null,
  ): boolean {
    let interfaceDrop: bigint | null = null;
    let systemDrop: bigint | null = null;
    const end = offset + octets - BLOCK.trailerOctets;
    const option = new OptionCursor(view, offset + STATISTICS.options, end, littleEndian);
    while (option.next()) {
      if (option.code === STATISTICS_OPTION.interfaceDrop) interfaceDrop = option.counter;
      else if (option.code === STATISTICS_OPTION.systemDrop) systemDrop = option.counter;
      else if (option.code === STATISTICS_OPTION.endTime && option.length === 8)
        this.#noteEnd(option, firstNanos ?? 0n);
    }
    if (interfaceDrop !== null || systemDrop !== null) {
      this.dropped = Number((interfaceDrop ?? 0n) + (systemDrop ?? 0n));
    }
    return !option.overrun;
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
