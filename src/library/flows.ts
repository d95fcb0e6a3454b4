import { Analyst } from "../analysis/analyst.ts";
import type { Flow } from "../analysis/model.ts";
import { replayCaptures } from "../pipeline.ts";
import type { FlowHistory } from "../tcp/history.ts";
import { type CaptureInput, readInputs } from "./inputs.ts";
import { type AnalyzeOptions, readOptions } from "./options.ts";

/** Flows that may wait for whoever iterates before the reading waits, too. */
const WAITING_COUNT_MAX = 256;

/**
 * Every flow, as soon as it is over, in flat memory: what `closewait flows -f ndjson` prints. The captures are read as fast as flows are
 * taken, and no further once the loop is left. Flows that are still open when the captures end, and those whose handshake was not
 * captured, come at the end.
 *
 * @example
 * for await (const flow of flows("large.pcap.gz")) {
 *   if (flow.verdict === "half-closed") console.log(flow.id, flow.halfClose?.seconds);
 * }
 *
 * @param options as for `analyze`; unless `flows` says otherwise, every flow is listed
 * @throws CloseWaitError from the first step, when nothing can be read
 */
export async function* flows(
  input: CaptureInput | readonly CaptureInput[],
  options: AnalyzeOptions = {},
): AsyncGenerator<Flow, void, undefined> {
  const leaving = new AbortController();
  const { signal = leaving.signal, ...given } = readOptions(options);
  const queue = new FlowQueue();
  const reading = replayCaptures(
    readInputs(input),
    {
      flows: "every",
      ...given,
      signal: AbortSignal.any([leaving.signal, signal]),
      onFlow: (flow) => queue.put(flow),
    },
    (started) => {
      const analyst = new Analyst(started);
      return {
        needsTimeWait: analyst.needsTimeWait,
        add: (history: FlowHistory) => analyst.add(history),
        finish: () => analyst.result(),
        ready: () => queue.ready(),
      };
    },
  )
    .then(({ sink }) => void sink.finish())
    .finally(() => queue.end());
  reading.catch(() => undefined); // awaited below, when everything that came before the error was taken
  try {
    while (await queue.filled()) yield* queue.take();
    await reading;
  } finally {
    leaving.abort();
    queue.end();
    await reading.catch(() => undefined);
  }
}

/** Between reading, which pushes, and iteration, which pulls. */
class FlowQueue {
  #flows: Flow[] = [];
  #ended = false;
  #onChange: () => void = () => undefined;
  #onTaken: () => void = () => undefined;

  put(flow: Flow): void {
    this.#flows.push(flow);
    this.#onChange();
  }

  end(): void {
    this.#ended = true;
    this.#onChange();
    this.#onTaken();
  }

  /** Resolves when there is room for more; undefined when there is. */
  ready(): Promise<void> | undefined {
    if (this.#ended || this.#flows.length < WAITING_COUNT_MAX) return undefined;
    return new Promise((resolve) => {
      this.#onTaken = resolve;
    });
  }

  /** Resolves to true when there are flows, to false when there will be none. */
  async filled(): Promise<boolean> {
    while (this.#flows.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
    return this.#flows.length > 0;
  }

  take(): readonly Flow[] {
    const taken = this.#flows;
    this.#flows = [];
    this.#onTaken();
    return taken;
  }
}
