import { accessSync, constants } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloseWaitError } from "../errors.ts";
import { type Place, placeOf } from "./place.ts";

/** What to record, and for how long. One of `port` and `filter` is needed. */
export interface RecordOptions {
  /** The port, or ports, of the service under test: nothing else is recorded. */
  readonly port?: number | readonly number[] | undefined;
  /** Instead: which packets, as in pcap-filter(7), such as `tcp and host 10.0.0.2`. */
  readonly filter?: string | undefined;
  /** The loopback interface unless given; `any` for all of them. */
  readonly interface?: string | undefined;
  /** Name of a network namespace to record in (`ip netns`). */
  readonly netns?: string | undefined;
  /** A half-close younger than this is *recent*, an older one *stuck*. In seconds; 1 unless given. */
  readonly minAgeSeconds?: number | undefined;
  /**
   * How long the recording goes on after the body unless every connection is over sooner. In seconds; unless given, half a second more
   * than `minAgeSeconds`, so that what leaks in the body's last moment is *stuck*.
   */
  readonly settleSeconds?: number | undefined;
  /** Ends the recording at once, with this signal's reason as error: the test's own, so that its time-out ends tcpdump, too. */
  readonly signal?: AbortSignal | undefined;
  /** `failure` (default): the file is removed unless the test fails; `always`. */
  readonly keep?: "failure" | "always" | undefined;
  /** Where the file goes; the directory for temporary files unless given. */
  readonly directory?: string | undefined;
}

export interface RecordPlan {
  readonly place: Place;
  readonly filter: string;
  /** `port 8080`, for messages. */
  readonly what: string;
  readonly minAgeSeconds: number;
  readonly settleSeconds: number;
  readonly signal: AbortSignal | undefined;
  readonly keep: "failure" | "always";
  readonly path: string;
}

const SETTLE_MARGIN_SECONDS = 0.5;

let recordingCount = 0;

const NAMES = Object.keys({
  port: true,
  filter: true,
  interface: true,
  netns: true,
  minAgeSeconds: true,
  settleSeconds: true,
  signal: true,
  keep: true,
  directory: true,
} satisfies Record<keyof RecordOptions, true>);

/** @throws CloseWaitError ("usage") that names the option */
export function planOf(options: RecordOptions): RecordPlan {
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new CloseWaitError("usage", `record: there is no option ${unknown}: ${NAMES.join(", ")}`);
  }
  const { minAgeSeconds = 1, settleSeconds = minAgeSeconds + SETTLE_MARGIN_SECONDS, keep = "failure" } = options;
  for (const [name, seconds] of Object.entries({ minAgeSeconds, settleSeconds })) {
    if (!(seconds >= 0)) throw new CloseWaitError("usage", `${name}: expected seconds, 0 or more, got ${seconds}`);
  }
  const name = `closewait-${process.pid}-${Date.now().toString(36)}-${recordingCount++}.pcap`;
  return {
    place: placeOf(options),
    ...selectionOf(options),
    minAgeSeconds,
    settleSeconds,
    signal: options.signal,
    keep,
    path: join(writable(options.directory ?? tmpdir()), name),
  };
}

function writable(directory: string): string {
  try {
    accessSync(directory, constants.W_OK);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new CloseWaitError(
      "usage",
      `record: nothing can be written into the directory ${directory} (${reason})`,
      {},
      cause,
    );
  }
  return directory;
}

function selectionOf({ port, filter }: RecordOptions): Pick<RecordPlan, "filter" | "what"> {
  if (filter !== undefined) return { filter, what: `"${filter}"` };
  const ports = port === undefined ? [] : [port].flat();
  if (ports.length === 0) {
    throw new CloseWaitError(
      "usage",
      "record: name the port of the service under test, or a filter, to record it alone",
    );
  }
  for (const one of ports) {
    if (!(Number.isInteger(one) && one > 0 && one < 65_536)) {
      throw new CloseWaitError(
        "usage",
        `record: expected a port from 1 to 65535, got ${one}: does the service listen yet?`,
      );
    }
  }
  return {
    filter: `tcp and (${ports.map((one) => `port ${one}`).join(" or ")})`,
    what: `port${ports.length > 1 ? "s" : ""} ${ports.join(", ")}`,
  };
}
