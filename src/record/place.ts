import { spawnSync } from "node:child_process";
import { networkInterfaces } from "node:os";
import { sanitize } from "../report/sanitize.ts";

/** Where to record. */
export interface Place {
  readonly interface: string;
  /** Name of a network namespace (`ip netns`); null: the one we are in. */
  readonly netns: string | null;
}

/** The loopback interface, unless another is named. */
export function placeOf(options: {
  readonly interface?: string | undefined;
  readonly netns?: string | undefined;
}): Place {
  return { interface: options.interface ?? loopback(), netns: options.netns ?? null };
}

/** `lo` on Linux, `lo0` on macOS and the BSDs. */
function loopback(): string {
  const found = Object.entries(networkInterfaces()).find(([, addresses]) =>
    addresses?.some(({ internal }) => internal),
  );
  return found?.[0] ?? "lo";
}

/** A command line that runs there. */
export function commandIn({ netns }: Place, command: readonly string[]): string[] {
  return netns === null ? [...command] : ["ip", "netns", "exec", netns, ...command];
}

export function nameOf({ interface: name, netns }: Place): string {
  return netns === null ? name : `${name} in the namespace ${netns}`;
}

const reasons = new Map<string, string | null>();

/**
 * Why `record` cannot work here, in one line to skip a test with; null when it can. Asks tcpdump once, and remembers the answer.
 *
 * @example
 * const skip = recordSkipReason();
 * test.skipIf(skip)(`closes its sockets${skip ? ` (${skip})` : ""}`, async () => { … });
 */
export function recordSkipReason(
  options: { readonly interface?: string | undefined; readonly netns?: string | undefined } = {},
): string | null {
  const place = placeOf(options);
  const name = nameOf(place);
  if (!reasons.has(name)) reasons.set(name, findReason(place));
  return reasons.get(name) ?? null;
}

/**
 * Asks once more: namespaces come and go.
 *
 * To list the link types of an interface tcpdump must open it, with all privileges that takes, and ends at once.
 */
export function findReason(place: Place): string | null {
  const [program = "", ...parameters] = commandIn(place, ["tcpdump", "-i", place.interface, "-L"]);
  const { status, stderr, error } = spawnSync(program, parameters, { encoding: "utf8", timeout: 10_000 });
  if (status === 0) return null;
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") return missing(program);
  return (
    explainRefusal(stderr ?? "", place) ?? `tcpdump does not work here: ${sanitize(error?.message ?? "it failed")}`
  );
}

const missing = (program: string): string =>
  program === "tcpdump" ? "tcpdump is not installed (apt-get install tcpdump)" : `${program} is not installed`;

/** What tcpdump had to say, in one line that tells what to do; null when it said nothing. */
export function explainRefusal(messages: string, place: Place): string | null {
  if (/tcpdump: (command )?not found|"tcpdump" failed: No such file/.test(messages)) return missing("tcpdump");
  if (/permission|not permitted/i.test(messages)) {
    const how = "run as root, or once: sudo setcap cap_net_raw,cap_net_admin=eip $(command -v tcpdump)";
    return `tcpdump may not capture on ${nameOf(place)}: ${how}`;
  }
  const said = messages.split("\n").findLast((line) => /^tcpdump: (?!listening|verbose)/.test(line));
  const last = said ?? messages.trim().split("\n").at(-1);
  return last ? sanitize(`${last} (on ${nameOf(place)})`) : null;
}
