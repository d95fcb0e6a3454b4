import type { FlowName } from "../analysis/flow-name.ts";
import type { Sighting } from "../tcp/history.ts";
import { Moments } from "./moments.ts";

/** Refusals whose flows are named. */
const NAMED_COUNT_MAX = 1000;

/** Refusals that may be answers, of each manner. */
const UNSURE_COUNT_MAX = 32;

/** So often the same few octets before a reset are a message, not an answer. */
const MESSAGE_COUNT_MIN = 3;

/**
 * How a server closed a connection that it had just accepted: without a word that the client asked for; behind a few octets after the
 * client had asked; or so, and with a reset right behind them, as if it had not read the question.
 */
export type RefusalManner = "silent" | "talkative" | "unread";

/** A connection that the server closed as soon as it had accepted it. */
export interface Refusal {
  readonly name: FlowName;
  readonly at: number;
  readonly close: Sighting;
  /** What the server said before. */
  readonly octets: number;
  readonly isOrderly: boolean;
}

/** What a server does to connections that it does not want. */
export class Refusals {
  readonly moments = new Moments();
  readonly named: Refusal[] = [];
  resets = 0;
  /** One was refused before it had asked. */
  isProved = false;
  /** Closed at once as well, behind octets that may be an answer. */
  readonly #unsure: Record<Exclude<RefusalManner, "silent">, Refusal[]> = { talkative: [], unread: [] };
  /** The lengths of what connections were refused with. */
  readonly #octets = new Set<number>();

  note(refusal: Refusal, manner: RefusalManner): void {
    const { octets } = refusal;
    if (manner === "silent") {
      this.isProved = true;
      if (octets > 0) this.#learn(octets);
    } else if (!this.#octets.has(octets)) {
      const alike = this.#unsure[manner];
      alike.push(refusal);
      if (manner === "unread" && alike.filter((one) => one.octets === octets).length >= MESSAGE_COUNT_MIN) {
        this.#learn(octets);
        this.#settle("unread");
      }
      return;
    }
    this.#add(refusal);
  }

  /** Whether so many octets are what connections are refused with. */
  hasSaid(octets: number): boolean {
    return this.#octets.has(octets);
  }

  /** Of those that may have been answered, enough are remembered until one comes that cannot have been. */
  isFull(manner: RefusalManner): boolean {
    return manner !== "silent" && this.#unsure[manner].length >= UNSURE_COUNT_MAX;
  }

  /** Those among the unsure that were told the very same are refusals, too. */
  settle(): void {
    this.#settle("talkative");
    this.#settle("unread");
  }

  /** All that were reset behind a few octets were told the same. A server that resets behind whatever it answers has several answers. */
  get isOneMessage(): boolean {
    return this.#octets.size === 1 && this.#unsure.unread.length === 0;
  }

  #settle(manner: "talkative" | "unread"): void {
    const unsure = this.#unsure[manner];
    this.#unsure[manner] = unsure.filter(({ octets }) => !this.#octets.has(octets));
    for (const refusal of unsure) if (this.#octets.has(refusal.octets)) this.#add(refusal);
  }

  #learn(octets: number): void {
    if (this.#octets.size < NAMED_COUNT_MAX) this.#octets.add(octets);
  }

  #add(refusal: Refusal): void {
    this.moments.add(refusal.at);
    if (!refusal.isOrderly) this.resets++;
    if (this.named.length < NAMED_COUNT_MAX) this.named.push(refusal);
  }
}
