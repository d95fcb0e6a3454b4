import { ACK, FIN, PSH, payloadMax, RST, Segment, SYN } from "./frame.mjs";

/**
 * TCP conversations as a capture point beside the server sees them. Each flow is a small script: `step()` writes its next segment and says
 * when the one after it is due. A segment may be lost behind the capture point; then it is captured again after a retransmission
 * timeout, and only after that acknowledged. Sequence numbers, acknowledgments and timestamp echoes are those of real endpoints.
 *
 * Flows lie in one Int32Array, a record each, so that a million of them cost what they must.
 */

const CLIENT = 0;

// Fields of a flow. Those of an end come in pairs: client, server.
const HOST = 0;
const PORT = 2;
/** Next sequence number to send. */
const NEXT = 4;
/** Last acknowledgment number sent. */
const ACKED = 6;
/** TSval to echo: RFC 7323's TS.Recent. */
const TS_RECENT = 8;
const WINDOW = 10;
const PHASE = 12;
const ENDING = 13;
const BITS = 14;
const CLOSER = 15;
const SENDER = 16;
/** Segments the sender still has in this burst. */
const BURST = 17;
const UNACKED = 18;
/** Packets left before the close. */
const LEFT = 19;
/** What the flow is expected to write still, for whoever plans the total. */
const PLAN = 20;
const LAST_LENGTH = 21;
const RTT = 22;
const THINK = 23;
const FIELDS = 24;

// Bits.
const V6 = 1;
const FIN_ACKNOWLEDGED = 2;
const LAST_FIN_SENT = 4;
const RESET = 8;
const FIN_SENT = 16;

// Phases: what the flow writes next.
const WRITE_SYN = 0;
const WRITE_SYN_ACK = 1;
const WRITE_HANDSHAKE_ACK = 2;
const WRITE_DATA = 3;
const WRITE_DATA_AGAIN = 4;
const WRITE_DATA_ACK = 5;
const WRITE_FIN = 6;
const WRITE_FIN_AGAIN = 7;
const WRITE_FIN_ACK = 8;
const WRITE_HOLDER_DATA = 9;
const WRITE_HOLDER_DATA_ACK = 10;
const WRITE_LAST_FIN = 11;
const WRITE_LAST_FIN_AGAIN = 12;
const WRITE_LAST_ACK = 13;
const WRITE_RST = 14;
const WRITE_CROSSING_FIN = 15;
const WRITE_CROSSING_ACK = 16;
const WRITE_CROSSING_LAST_ACK = 17;

/** How a flow ends; `endings` gives the share of each, the rest is in order. */
const IN_ORDER = 0;
const ENDINGS = {
  serverNeverCloses: 1,
  clientNeverCloses: 2,
  reset: 3,
  resetByHolder: 4,
  halfCloseInUse: 5,
  crossing: 6,
};

const RETRANSMISSION_MICROS = 210_000;
const MIN_AGE_MICROS = 1_000_000;
export const DONE = -1;

/**
 * @typedef {object} Traits
 * @property {number} lossShare of data segments and FINs
 * @property {number} mergedFinAckShare of closes in which the second FIN carries the first acknowledgment
 * @property {number} thinkMicros mean pause between bursts
 * @property {number} rttMicros mean
 * @property {number} burstMax segments in a row
 * @property {"tiny" | "mixed"} payload
 * @property {{[K in keyof typeof ENDINGS]: number}} endings
 */

export class Conversations {
  /** Counts of the truth, as far as they are known before the end. */
  counts = { flows: 0, midStream: 0, resets: 0, retransmissions: 0, finSegments: [0, 0], payloadSegments: 0 };
  #flows = new Int32Array(FIELDS * 1024);
  /** When the holder entered CLOSE-WAIT, and when it last sent payload after that. */
  #since = new Float64Array(1024);
  #holderDataAt = new Float64Array(1024);
  #free = [];
  #used = 0;
  #segment = new Segment();
  #ids;
  #timestampBases;
  #now = 0;
  /** Flows that stay half-closed for ever: their truth, as their slots are used again. */
  #silent = [];

  /**
   * @param {Traits} traits @param {import("./random.mjs").Random} random @param {number} hostCount
   * @param {(segment: Segment, micros: number) => void} write
   */
  constructor(traits, random, hostCount, write) {
    this.traits = traits;
    this.random = random;
    this.write = write;
    this.#ids = Uint16Array.from({ length: hostCount }, () => random.below(0x1_0000));
    this.#timestampBases = Int32Array.from({ length: hostCount }, () => random.uint32() | 0);
    /** @type {[number, number][]} cumulative shares */
    this.endings = [];
    let sum = 0;
    for (const [name, code] of Object.entries(ENDINGS)) {
      sum += traits.endings[name];
      this.endings.push([sum, code]);
    }
  }

  /**
   * @param {{client: number, server: number, clientPort: number, serverPort: number, v6: boolean}} tuple
   * @param {number} dataPackets before the close @param {boolean} midStream
   * @returns {number} slot
   */
  start(tuple, dataPackets, midStream) {
    const slot = this.#free.pop() ?? this.#allocate();
    const f = this.#flows; // after #allocate(), which may replace it
    const { random, traits } = this;
    const at = slot * FIELDS;
    f.fill(0, at, at + FIELDS);
    f[at + HOST] = tuple.client;
    f[at + HOST + 1] = tuple.server;
    f[at + PORT] = tuple.clientPort;
    f[at + PORT + 1] = tuple.serverPort;
    f[at + NEXT] = random.uint32();
    f[at + NEXT + 1] = random.uint32();
    f[at + WINDOW] = 502 + random.below(500);
    f[at + WINDOW + 1] = 509 + random.below(500);
    f[at + BITS] = tuple.v6 ? V6 : 0;
    f[at + RTT] = 150 + random.exponential(traits.rttMicros);
    f[at + THINK] = traits.thinkMicros;
    f[at + LEFT] = dataPackets;
    f[at + PLAN] = dataPackets + 6;
    f[at + ENDING] = this.#drawEnding();
    f[at + CLOSER] = this.#drawCloser(f[at + ENDING]);
    this.counts.flows++;
    if (midStream) {
      this.counts.midStream++;
      f[at + ACKED] = f[at + NEXT + 1];
      f[at + ACKED + 1] = f[at + NEXT];
      f[at + TS_RECENT] = this.#timestampBases[tuple.server];
      f[at + TS_RECENT + 1] = this.#timestampBases[tuple.client];
      this.#startBurst(at, random.below(2));
    }
    return slot;
  }

  #drawEnding() {
    const draw = this.random.uint32() / 0x1_0000_0000;
    for (const [limit, code] of this.endings) if (draw < limit) return code;
    return IN_ORDER;
  }

  /** @param {number} ending */
  #drawCloser(ending) {
    if (ending === ENDINGS.serverNeverCloses || ending === ENDINGS.halfCloseInUse) return CLIENT;
    if (ending === ENDINGS.clientNeverCloses) return 1;
    return this.random.chance(0.6) ? CLIENT : 1;
  }

  #allocate() {
    const slot = this.#used++;
    if ((slot + 1) * FIELDS > this.#flows.length) {
      this.#flows = doubled(this.#flows);
      this.#since = doubled(this.#since);
      this.#holderDataAt = doubled(this.#holderDataAt);
    }
    return slot;
  }

  /** What the flow may still write. @param {number} slot */
  planOf(slot) {
    return this.#flows[slot * FIELDS + PLAN];
  }

  /** The 4-tuple, to be used again. @param {number} slot */
  tupleOf(slot) {
    const f = this.#flows;
    const at = slot * FIELDS;
    return {
      client: f[at + HOST],
      server: f[at + HOST + 1],
      clientPort: f[at + PORT],
      serverPort: f[at + PORT + 1],
      v6: (f[at + BITS] & V6) !== 0,
    };
  }

  /** Whether both ends have ended it. @param {number} slot */
  isOver(slot) {
    const bits = this.#flows[slot * FIELDS + BITS];
    return (bits & (LAST_FIN_SENT | RESET)) !== 0;
  }

  /** The flow has written its last segment; its slot is used again. @param {number} slot */
  release(slot) {
    const at = slot * FIELDS;
    if (this.#isHalfClosed(at)) this.#silent.push(this.#halfCloseOf(slot));
    this.#flows[at + BITS] = LAST_FIN_SENT;
    this.#free.push(slot);
  }

  /** @param {number} at */
  #isHalfClosed(at) {
    return (this.#flows[at + BITS] & (FIN_ACKNOWLEDGED | LAST_FIN_SENT | RESET)) === FIN_ACKNOWLEDGED;
  }

  /** @param {number} slot */
  #halfCloseOf(slot) {
    const at = slot * FIELDS;
    const holder = 1 - this.#flows[at + CLOSER];
    return { ...this.tupleOf(slot), holder, since: this.#since[slot], dataAt: this.#holderDataAt[slot] };
  }

  /** Every flow that is half-closed when the capture ends. @param {number} endMicros */
  halfClosed(endMicros) {
    const all = this.#silent.slice();
    for (let slot = 0; slot < this.#used; slot++) {
      if (this.#isHalfClosed(slot * FIELDS)) all.push(this.#halfCloseOf(slot));
    }
    return all.map((flow) => {
      const age = endMicros - flow.since;
      const silence = endMicros - Math.max(flow.since, flow.dataAt);
      const status = age < MIN_AGE_MICROS ? "recent" : silence < MIN_AGE_MICROS ? "draining" : "stuck";
      return { ...flow, status };
    });
  }

  /**
   * Writes the flow's next segment.
   * @param {number} slot @param {number} now in microseconds
   * @returns {number} microseconds until its next one, or DONE
   */
  step(slot, now) {
    const f = this.#flows;
    const at = slot * FIELDS;
    const { random, traits } = this;
    const closer = f[at + CLOSER];
    const holder = 1 - closer;
    const ending = f[at + ENDING];
    this.#now = now;
    f[at + PLAN]--;
    switch (f[at + PHASE]) {
      case WRITE_SYN:
        this.#send(at, CLIENT, SYN, 0, false);
        return this.#reply(at, 1, WRITE_SYN_ACK);
      case WRITE_SYN_ACK:
        this.#send(at, 1, SYN | ACK, 0, false);
        return this.#reply(at, CLIENT, WRITE_HANDSHAKE_ACK);
      case WRITE_HANDSHAKE_ACK:
        this.#send(at, CLIENT, ACK, 0, false);
        if (f[at + LEFT] <= 0) return this.#close(at);
        this.#startBurst(at, traits.burstMax === 1 ? 1 : CLIENT);
        return 20 + random.exponential(500);

      case WRITE_DATA: {
        const sender = f[at + SENDER];
        const lost = this.#mayLose(at, sender);
        f[at + BURST]--;
        f[at + LEFT]--;
        f[at + UNACKED]++;
        const push = f[at + BURST] === 0 || lost ? PSH : 0;
        this.#send(at, sender, ACK | push, this.#drawLength(f[at + BITS]), lost);
        if (lost) {
          f[at + PHASE] = WRITE_DATA_AGAIN;
          return RETRANSMISSION_MICROS + f[at + RTT];
        }
        return this.#afterData(at);
      }
      case WRITE_DATA_AGAIN:
        f[at + LEFT]--;
        this.#sendAgain(at, f[at + SENDER], ACK | PSH);
        return this.#afterData(at);
      case WRITE_DATA_ACK: {
        const receiver = 1 - f[at + SENDER];
        f[at + LEFT]--;
        f[at + UNACKED] = 0;
        this.#send(at, receiver, ACK, 0, false);
        if (f[at + BURST] > 0) {
          f[at + PHASE] = WRITE_DATA;
          return 5 + random.exponential(40);
        }
        if (f[at + LEFT] <= 0) return this.#close(at);
        this.#startBurst(at, random.chance(0.7) ? receiver : 1 - receiver);
        return 50 + random.exponential(f[at + THINK]);
      }

      case WRITE_FIN: {
        const lost = this.#mayLose(at, closer);
        f[at + BITS] |= FIN_SENT;
        this.#since[slot] = now;
        this.#holderDataAt[slot] = 0;
        const length = random.chance(0.1) && traits.lossShare > 0 ? this.#drawLength(f[at + BITS]) : 0;
        this.#send(at, closer, FIN | ACK | (length > 0 ? PSH : 0), length, lost);
        if (lost) {
          f[at + PHASE] = WRITE_FIN_AGAIN;
          return RETRANSMISSION_MICROS + f[at + RTT];
        }
        return this.#afterFin(at);
      }
      case WRITE_FIN_AGAIN:
        this.#since[slot] = now;
        this.#sendAgain(at, closer, FIN | ACK);
        return this.#afterFin(at);
      case WRITE_FIN_ACK:
        f[at + BITS] |= FIN_ACKNOWLEDGED;
        this.#send(at, holder, ACK, 0, false);
        if (ending === ENDINGS.serverNeverCloses || ending === ENDINGS.clientNeverCloses) return DONE;
        if (ending === ENDINGS.resetByHolder) {
          f[at + PHASE] = WRITE_RST;
          return random.exponential(1_000_000);
        }
        if (ending === ENDINGS.halfCloseInUse) {
          f[at + LEFT] = 2 + random.below(12);
          f[at + PLAN] = f[at + LEFT] * 2 + 2;
          f[at + PHASE] = WRITE_HOLDER_DATA;
          return random.exponential(300_000);
        }
        f[at + PHASE] = WRITE_LAST_FIN;
        return random.chance(0.01) ? random.exponential(3_000_000) : 30 + random.exponential(260);

      case WRITE_HOLDER_DATA:
        this.#holderDataAt[slot] = now;
        f[at + LEFT]--;
        this.#send(at, holder, ACK | PSH, this.#drawLength(f[at + BITS]), false);
        return this.#reply(at, closer, WRITE_HOLDER_DATA_ACK);
      case WRITE_HOLDER_DATA_ACK:
        this.#send(at, closer, ACK, 0, false);
        f[at + PHASE] = f[at + LEFT] > 0 ? WRITE_HOLDER_DATA : WRITE_LAST_FIN;
        return random.exponential(400_000);

      case WRITE_LAST_FIN: {
        const lost = this.#mayLose(at, holder);
        f[at + BITS] |= LAST_FIN_SENT;
        this.#send(at, holder, FIN | ACK, 0, lost);
        if (!lost) return this.#reply(at, closer, WRITE_LAST_ACK);
        f[at + PHASE] = WRITE_LAST_FIN_AGAIN;
        return RETRANSMISSION_MICROS + f[at + RTT];
      }
      case WRITE_LAST_FIN_AGAIN:
        this.#sendAgain(at, holder, FIN | ACK);
        return this.#reply(at, closer, WRITE_LAST_ACK);
      case WRITE_LAST_ACK:
        this.#send(at, closer, ACK, 0, false);
        return DONE;

      case WRITE_RST:
        f[at + BITS] |= RESET;
        this.counts.resets++;
        this.#send(at, ending === ENDINGS.resetByHolder ? holder : closer, RST | ACK, 0, false);
        return DONE;

      // Both closed at once: neither FIN acknowledges the other.
      case WRITE_CROSSING_FIN: {
        f[at + BITS] |= LAST_FIN_SENT;
        const unseen = f[at + NEXT + closer];
        f[at + NEXT + closer] = unseen - 1;
        this.#send(at, holder, FIN | ACK, 0, false);
        f[at + NEXT + closer] = unseen;
        return this.#reply(at, closer, WRITE_CROSSING_ACK);
      }
      case WRITE_CROSSING_ACK:
        this.#send(at, closer, ACK, 0, false);
        return this.#reply(at, holder, WRITE_CROSSING_LAST_ACK);
      case WRITE_CROSSING_LAST_ACK:
        this.#send(at, holder, ACK, 0, false);
        return DONE;
      default:
        throw new Error(`no such phase: ${f[at + PHASE]}`);
    }
  }

  /** @param {number} at @param {number} sender */
  #startBurst(at, sender) {
    const f = this.#flows;
    f[at + PHASE] = WRITE_DATA;
    f[at + SENDER] = sender;
    f[at + UNACKED] = 0;
    f[at + BURST] = 1 + this.random.below(sender === CLIENT ? 2 : this.traits.burstMax);
  }

  /** Data was written: more of it, an acknowledgment, an answer that carries one, or the close. @param {number} at */
  #afterData(at) {
    const f = this.#flows;
    const { random } = this;
    const sender = f[at + SENDER];
    if (f[at + BURST] > 0 && f[at + UNACKED] < 2) {
      f[at + PHASE] = WRITE_DATA;
      return 5 + random.exponential(20);
    }
    if (f[at + BURST] > 0 || (f[at + LEFT] > 0 && random.chance(0.5)))
      return this.#reply(at, 1 - sender, WRITE_DATA_ACK);
    if (f[at + LEFT] <= 0) return this.#close(at);
    this.#startBurst(at, 1 - sender);
    return f[at + RTT] + random.exponential(f[at + THINK] / 2);
  }

  /** @param {number} at */
  #close(at) {
    const f = this.#flows;
    f[at + PHASE] = f[at + ENDING] === ENDINGS.reset ? WRITE_RST : WRITE_FIN;
    return f[at + RTT] + this.random.exponential(f[at + THINK]);
  }

  /** The FIN has arrived. @param {number} at */
  #afterFin(at) {
    const f = this.#flows;
    if (f[at + ENDING] === ENDINGS.crossing) {
      f[at + PHASE] = WRITE_CROSSING_FIN;
      return 10;
    }
    const merged = f[at + ENDING] === IN_ORDER && this.random.chance(this.traits.mergedFinAckShare);
    return this.#reply(at, 1 - f[at + CLOSER], merged ? WRITE_LAST_FIN : WRITE_FIN_ACK);
  }

  /** The capture point is beside the server: it answers at once, the client after a round trip. @param {number} at @param {number} end @param {number} phase */
  #reply(at, end, phase) {
    const f = this.#flows;
    f[at + PHASE] = phase;
    return end === CLIENT ? f[at + RTT] + this.random.below(200) : 20 + this.random.exponential(80);
  }

  /** A segment may be lost if all before it is acknowledged; otherwise the echoes would not be those of a real stack. @param {number} at @param {number} sender */
  #mayLose(at, sender) {
    const f = this.#flows;
    return f[at + ACKED + 1 - sender] === f[at + NEXT + sender] && this.random.chance(this.traits.lossShare);
  }

  /** @param {number} bits */
  #drawLength(bits) {
    const { random } = this;
    // Never one octet: sent again it would look like a keep-alive.
    if (this.traits.payload === "tiny") return 2 + random.below(23);
    const max = payloadMax((bits & V6) !== 0);
    const draw = random.below(100);
    return draw < 50 ? max : draw < 80 ? 2 + random.below(max - 1) : 2 + random.below(120);
  }

  /** @param {number} at @param {number} sender @param {number} flags @param {number} length @param {boolean} lost behind the capture point */
  #send(at, sender, flags, length, lost) {
    const f = this.#flows;
    const seq = f[at + NEXT + sender];
    f[at + NEXT + sender] = seq + length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
    f[at + LAST_LENGTH] = length;
    this.#emit(at, sender, flags, seq, length);
    if (!lost) this.#receive(at, 1 - sender, seq);
  }

  /** The last segment once more, which now arrives. @param {number} at @param {number} sender @param {number} flags */
  #sendAgain(at, sender, flags) {
    const f = this.#flows;
    const length = f[at + LAST_LENGTH];
    const seq = (f[at + NEXT + sender] - length - ((flags & FIN) !== 0 ? 1 : 0)) | 0;
    this.counts.retransmissions++;
    this.#emit(at, sender, flags, seq, length);
    this.#receive(at, 1 - sender, seq);
  }

  /** @param {number} at @param {number} receiver @param {number} seq */
  #receive(at, receiver, seq) {
    const f = this.#flows;
    if (seq === f[at + ACKED + receiver] || f[at + TS_RECENT + receiver] === 0) {
      f[at + TS_RECENT + receiver] = this.#segment.tsval;
    }
  }

  /** @param {number} at @param {number} sender @param {number} flags @param {number} seq @param {number} length */
  #emit(at, sender, flags, seq, length) {
    const f = this.#flows;
    const segment = this.#segment;
    const host = f[at + HOST + sender];
    segment.v6 = (f[at + BITS] & V6) !== 0;
    segment.from = host;
    segment.to = f[at + HOST + 1 - sender];
    segment.fromPort = f[at + PORT + sender];
    segment.toPort = f[at + PORT + 1 - sender];
    segment.id = this.#ids[host]++;
    segment.seq = seq;
    segment.ack = f[at + NEXT + 1 - sender];
    segment.flags = flags;
    segment.window = (flags & SYN) !== 0 ? 64240 : f[at + WINDOW + sender];
    segment.tsval = (this.#timestampBases[host] + Math.floor(this.#now / 1000)) | 0;
    segment.tsecr = f[at + TS_RECENT + sender];
    segment.length = length;
    if ((flags & ACK) !== 0) f[at + ACKED + sender] = segment.ack;
    if (length > 0) this.counts.payloadSegments++;
    if ((flags & FIN) !== 0) this.counts.finSegments[sender]++;
    this.write(segment, this.#now);
  }
}

/** @template {Int32Array | Float64Array} T @param {T} array @returns {T} */
function doubled(array) {
  const copy = /** @type {any} */ (array).constructor;
  const grown = new copy(array.length * 2);
  grown.set(array);
  return grown;
}
