import type { CaptureSummary } from "../capture/capture.ts";
import { linkTypeName } from "../capture/link-types.ts";
import { CloseWaitError } from "../errors.ts";
import { ETHER_TYPE, LINK } from "../wire/header-numbers.ts";
import { LAYERS } from "../wire/layers.ts";

/** Names of the link types that are read. */
const READ: ReadonlySet<string> = new Set(
  [...LAYERS.keys()].filter((number) => number < ETHER_TYPE).map((number) => linkTypeName(number - LINK)),
);

/** draft-ietf-opsawg-pcap §4: where the file header has it. */
const PCAP_LINK_TYPE = 20;

/**
 * A capture of which no packet can be looked at is no capture without half-closes. As with any input: beside others it is a problem of its
 * own, alone it is an error.
 *
 * @throws CloseWaitError (unsupported)
 */
export function refuseUnreadLinks(captures: readonly CaptureSummary[], strict: boolean): void {
  const withPackets = captures.filter(({ packets }) => packets > 0);
  const unread = withPackets.filter(({ linkTypes }) => linkTypes.every((name) => !READ.has(name)));
  const [first] = unread;
  if (first === undefined || (unread.length < withPackets.length && !strict)) return;
  const { path, linkTypes, format } = first;
  const isPcap = format === "pcap";
  const found = `expected a link type that carries IP, found ${linkTypes.join(", ")}${isPcap ? ` at byte ${PCAP_LINK_TYPE}` : ""}`;
  const advice = 'if its frames are of another type, say which: "editcap -T ether", for example';
  throw new CloseWaitError("unsupported", `${path}: ${found}; ${advice}`, {
    file: path,
    offset: isPcap ? PCAP_LINK_TYPE : undefined,
  });
}
