/** A moment as the user names it. */
export type Moment =
  | { readonly kind: "absolute"; readonly nanos: bigint } // since the epoch
  | { readonly kind: "relative"; readonly nanos: bigint } // since the first packet
  | { readonly kind: "end" };

/** Which flows are looked at; empty lists select all. */
export interface Selection {
  readonly hosts: readonly string[];
  readonly nets: readonly string[];
  readonly ports: readonly number[];
  readonly holders: readonly { readonly ip: string; readonly port: number | null }[];
}

export interface Progress {
  readonly bytesRead: number;
  /** null when an input has no size (a pipe). */
  readonly bytesTotal: number | null;
  readonly packets: number;
}

export interface AnalyzeOptions {
  /** A half-close younger than this at the end of observation is *recent*. */
  readonly minAgeSeconds: number;
  /** Which flows the result lists: half-closed at the end; those that ever were, for minAgeSeconds or longer; every flow. */
  readonly flows: "half-closed" | "ever" | "every";
  /** The capture was running until then: a quiet capture cannot know. */
  readonly until?: Moment | undefined;
  /** Packets outside are not looked at. */
  readonly from?: Moment | undefined;
  readonly to?: Moment | undefined;
  readonly selection: Selection;
  readonly timeWaitSeconds: number;
  readonly finTimeoutSeconds: number;
  readonly reader: "closewait" | "pcap-parser";
  /** The newest capture is read on while it is being written, until `until` by the clock of this host, or the signal. */
  readonly follow: boolean;
  /** Threads that work on the captures, this one included; the result is the same for any number. Default: what the machine has. */
  readonly threads?: number | undefined;
  /** An input that cannot be read is an error, even when others can. */
  readonly strict: boolean;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the reading; what is known so far is the result. */
  readonly signal?: AbortSignal | undefined;
  /** The same connections by a host's own list of its sockets. */
  readonly hostSockets?: import("./host-sockets.ts").HostSockets | undefined;
  readonly knownHosts?: import("./known-hosts.ts").KnownHosts | undefined;
  readonly services?: import("./service-names.ts").ServiceNames | undefined;
  /** Half-closes are counted in groups, hours in this time zone. */
  readonly groupBy?: { readonly by: import("./groupings.ts").Grouping; readonly timeZone: string } | undefined;
  /** Told what was read, by the questions whose answer does not hold it. */
  readonly onRead?: ((captures: readonly import("./model.ts").CaptureReport[]) => void) | undefined;
  /** Called for every listed flow as soon as it is over; the result's `flows` is then empty. */
  readonly onFlow?: ((flow: import("./model.ts").Flow) => void) | undefined;
}

export const DEFAULT_OPTIONS: AnalyzeOptions = {
  minAgeSeconds: 1,
  flows: "half-closed",
  selection: { hosts: [], nets: [], ports: [], holders: [] },
  timeWaitSeconds: 60,
  finTimeoutSeconds: 60,
  reader: "closewait",
  follow: false,
  strict: false,
};
