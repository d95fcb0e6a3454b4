/**
 * Which control segments only one point saw. Between the points is the network: what left the sender's side and never came by at the
 * receiver's was dropped there, provided that the receiver's point was capturing when it should have come, and that nothing shows that
 * it did come.
 */
import { type Clock, NANOS_PER_SECOND } from "../analysis/clock.ts";
import { evidenceOf } from "../analysis/half-close.ts";
import type { Side } from "../analysis/model.ts";
import type { Sighting } from "../tcp/history.ts";
import type { FlowView } from "./flow-view.ts";
import type { ByPoint, ControlKind, Discrepancy, Fate, PointName } from "./model.ts";

/** How long each point was capturing, by its own clock. */
export interface Watch {
  readonly from: number;
  readonly until: number;
}

/** The common ground of both points. */
export interface Ground {
  readonly clocks: ByPoint<Clock>;
  readonly watches: ByPoint<Watch>;
  /** A moment of one point by the clock of the other. */
  readonly translate: (at: number, from: PointName) => number;
  /** What lies closer than this to the edge of a watch may have been outside. */
  readonly marginNanos: number;
}

/** Copies of a segment that passed one point. */
interface Passage extends Sighting {
  readonly copies: number;
  readonly lastAt: number;
}

/** An acknowledgment that comes so much later than it should is another one: the sender of the FIN had to ask again (RFC 6298: 0.2 s at least). */
const ASKED_AGAIN_NANOS = 0.15 * NANOS_PER_SECOND;

export const otherPoint = (point: PointName): PointName => (point === "a" ? "b" : "a");
export const otherSide = (side: Side): Side => (side === "client" ? "server" : "client");

/**
 * @param views null: that point did not see the connection at all
 * @param clientAt the point at whose side the client is; null: nobody knows
 */
export function discrepanciesOf(
  views: ByPoint<FlowView | null>,
  clientAt: PointName | null,
  ground: Ground,
): Discrepancy[] {
  const side = clientAt ?? "a";
  const found = (["client", "server"] as const).flatMap((sender) => {
    const at = new Crossing(views, sender, sender === "client" ? side : otherPoint(side), ground);
    return [at.syn(), at.fin(), at.ackOfFin(), at.reset()].filter((discrepancy) => discrepancy !== null);
  });
  if (clientAt !== null) return found;
  return found.map((discrepancy) => ({ ...discrepancy, fate: "unknown" }));
}

/** What one end sent, on its way from the near point to the far one. */
class Crossing {
  readonly #sender: Side;
  readonly #nearPoint: PointName;
  readonly #near: FlowView | null;
  readonly #far: FlowView | null;
  readonly #ground: Ground;

  constructor(views: ByPoint<FlowView | null>, sender: Side, nearPoint: PointName, ground: Ground) {
    this.#sender = sender;
    this.#nearPoint = nearPoint;
    this.#near = views[nearPoint];
    this.#far = views[otherPoint(nearPoint)];
    this.#ground = ground;
  }

  syn(): Discrepancy | null {
    const passage = (view: FlowView | null) => view?.ends[this.#sender].syn ?? null;
    const receiver = otherSide(this.#sender);
    const views = [this.#near, this.#far];
    const answered =
      this.#sender === "client"
        ? views.some((view) => view !== null && view.ends[receiver].syn !== null)
        : views.some((view) => view?.established === true);
    const kind = this.#sender === "client" ? "SYN" : "SYN-ACK";
    return this.#compare(kind, passage(this.#near), passage(this.#far), answered);
  }

  fin(): Discrepancy | null {
    const passage = (view: FlowView | null): Passage | null => {
      const fin = view?.ends[this.#sender].fin ?? null;
      return fin && { ...fin, lastAt: fin.lastCopyAt };
    };
    const views = [this.#near, this.#far];
    const acknowledged = views.some((view) => view !== null && view.ends[this.#sender].fin?.ack != null);
    const shown = this.#far?.ends[this.#sender].finInferred === true;
    return this.#compare("FIN", passage(this.#near), passage(this.#far), acknowledged || shown);
  }

  /** The acknowledgment of the peer's FIN; it can only be missed where the FIN itself was seen. */
  ackOfFin(): Discrepancy | null {
    const peer = otherSide(this.#sender);
    const [nearFin, farFin] = [this.#near?.ends[peer].fin ?? null, this.#far?.ends[peer].fin ?? null];
    if (nearFin === null || farFin === null) return null;
    const passage = (ack: Sighting | null): Passage | null => ack && { ...ack, copies: 1, lastAt: ack.at };
    const [near, far] = [passage(nearFin.ack), passage(farFin.ack)];
    if (near !== null && far !== null) {
      const askedAgain = farFin.copies > 1 && far.at - this.#expectedAt(near.at) > ASKED_AGAIN_NANOS;
      const withOwnFin = isWithFin(far, this.#far, this.#sender) && !isWithFin(near, this.#near, this.#sender);
      if (!askedAgain && !withOwnFin) return null;
      return this.#tell("ACK of FIN", "lost", this.#nearPoint, near, { near: 2, far: 1 });
    }
    return this.#compare("ACK of FIN", near, far, false);
  }

  reset(): Discrepancy | null {
    const passage = (view: FlowView | null): Passage | null => {
      const reset = view?.reset?.sender === this.#sender ? view.reset : null;
      return reset && { ...reset, copies: 1, lastAt: reset.at };
    };
    const [near, far] = [passage(this.#near), passage(this.#far)];
    // Only the RST that ended the connection is known of each point: they may be different ones.
    if (near === null && this.#near?.reset) return null;
    if (far === null && this.#far?.reset) return null;
    return this.#compare("RST", near, far, false);
  }

  #compare(kind: ControlKind, near: Passage | null, far: Passage | null, arrived: boolean): Discrepancy | null {
    const copies = { near: near?.copies ?? 0, far: far?.copies ?? 0 };
    if (near !== null && far === null) {
      if (!this.#watched(near, otherPoint(this.#nearPoint))) return null;
      return this.#tell(kind, arrived ? "not-captured" : "lost", this.#nearPoint, near, copies);
    }
    if (near === null && far !== null) {
      if (!this.#watched(far, this.#nearPoint)) return null;
      const fate: Fate = kind === "RST" && this.#near !== null ? "inserted" : "not-captured";
      return this.#tell(kind, fate, otherPoint(this.#nearPoint), far, copies);
    }
    if (near === null || far === null || copies.near <= copies.far) return null;
    if (!this.#watched(near, otherPoint(this.#nearPoint))) return null;
    return this.#tell(kind, "lost", this.#nearPoint, near, copies);
  }

  /** Whether the other point was capturing when all of it should have come by. */
  #watched({ at, lastAt }: Passage, point: PointName): boolean {
    const { watches, translate, marginNanos } = this.#ground;
    const { from, until } = watches[point];
    const seenAt = otherPoint(point);
    return translate(at, seenAt) >= from + marginNanos && translate(lastAt, seenAt) <= until - marginNanos;
  }

  #expectedAt(atNear: number): number {
    return this.#ground.translate(atNear, this.#nearPoint);
  }

  #tell(
    segment: ControlKind,
    fate: Fate,
    seenAt: PointName,
    passage: Passage,
    copies: { readonly near: number; readonly far: number },
  ): Discrepancy {
    const nearIsA = this.#nearPoint === "a";
    return {
      segment,
      sender: this.#sender,
      fate,
      seenAt,
      evidence: evidenceOf(passage, this.#ground.clocks[seenAt]),
      copies: { a: nearIsA ? copies.near : copies.far, b: nearIsA ? copies.far : copies.near },
      arrivedLater: copies.near > 0 && copies.far > 0,
    };
  }
}

/** The segment is the FIN of its sender: the acknowledgment before it was not seen. */
function isWithFin({ capture, frame }: Sighting, view: FlowView | null, sender: Side): boolean {
  const fin = view?.ends[sender].fin ?? null;
  return fin !== null && fin.capture === capture && fin.frame === frame;
}
