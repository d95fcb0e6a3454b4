import type { HostCheck, HostCheckEndpoint, HostCheckProcess, HostCheckSocket } from "../analysis/host-check.ts";
import type { Analysis } from "../analysis/model.ts";
import { countOf, formatCount } from "./count.ts";
import { formatNamed } from "./endpoint-text.ts";
import { type Column, renderGrid } from "./grid.ts";
import { moreRows } from "./notes.ts";
import type { Page } from "./page.ts";
import { sanitize } from "./sanitize.ts";
import { ssName } from "./state-text.ts";
import { foldParts, wrapWords } from "./text-width.ts";

const PROCESSES_SHOWN_MAX = 3;

const ENDPOINT_COLUMNS: readonly Column[] = [
  { head: "local" },
  { head: "CLOSE-WAIT", align: "right" },
  { head: "in this capture", align: "right" },
  { head: "process", wraps: true },
];

const SOCKET_COLUMNS: readonly Column[] = [
  { head: "local" },
  { head: "peer" },
  { head: "on the host" },
  { head: "by the capture" },
  { head: "Recv-Q", align: "right" },
  { head: "process", wraps: true },
];

/** What the host's own list of sockets adds to the capture, and where the two disagree. */
export function hostSection({ host }: Analysis, page: Page): string[] {
  if (host === undefined) return [];
  const sentences = [summary(host), ...queues(host), ...shared(host), ...agreement(host), ...doubts(host)];
  return [
    page.ink.bold(`On the host, by ${sanitize(host.source)}`),
    ...sentences.flatMap((text) => wrapWords(`  ${text}`, page.width, "  ")),
    ...endpointRows(host, page),
    ...differingRows(host, page),
  ];
}

/** `4,500 in CLOSE-WAIT on the host, 3 of them in this capture: the other 4,497 …` */
function summary({ closeWait: { onHost, inCapture, notInCapture } }: HostCheck): string {
  if (onHost === 0) return "No socket is in CLOSE-WAIT on the host.";
  const seen = inCapture === 0 ? "none" : onHost === inCapture ? "all" : formatCount(inCapture);
  const isOne = notInCapture === 1;
  const others = inCapture === 0 ? (isOne ? "it" : "they") : `the other${isOne ? "" : ` ${formatCount(notInCapture)}`}`;
  const began = `began before it and ${isOne ? "was" : "were"} silent`;
  const why = notInCapture === 0 ? "" : `: ${others} ${began}, came later, or took another path`;
  return `${formatCount(onHost)} in CLOSE-WAIT on the host, ${seen} of them in this capture${why}.`;
}

/** One octet of the queue is the FIN itself. */
function queues({ closeWait: { recvQueue } }: HostCheck): string[] {
  const parts = [
    { count: recvQueue["eof-read"], queue: "0", text: "the end of the stream was read, the socket was not closed" },
    { count: recvQueue["fin-unread"], queue: "1", text: "all data was read, the FIN never was" },
    { count: recvQueue["data-unread"], queue: "more", text: "data is unread" },
  ].filter(({ count }) => count > 0);
  if (parts.length === 0) return [];
  return [
    `Recv-Q: ${parts.map(({ count, queue, text }) => `${formatCount(count)} at ${queue} (${text})`).join(", ")}.`,
  ];
}

/** A descriptor that a child inherited keeps a socket open that its parent has closed. */
function shared({ closeWait: { shared: count } }: HostCheck): string[] {
  if (count === 0) return [];
  return [
    `${formatCount(count)} of them ${count === 1 ? "is" : "are"} open in several processes: an inherited descriptor.`,
  ];
}

function agreement({ agree, differ, closeWait: { gone } }: HostCheck): string[] {
  const known = agree + differ;
  const both =
    known === 0
      ? []
      : [
          `${countOf(known, "socket")} of the list in this capture: ${differ === 0 ? "all in the same state" : `${formatCount(differ)} in another state`}.`,
        ];
  if (gone === 0) return both;
  const subject =
    gone === 1 ? "1 socket that the capture leaves" : `${formatCount(gone)} sockets that the capture leaves`;
  return [
    ...both,
    `${subject} in CLOSE-WAIT ${gone === 1 ? "is" : "are"} not in the list: closed when it was made, or opened later.`,
  ];
}

function doubts({ agree, differ, closeWait, stateAssumed, unreadLines, leftOut, sockets }: HostCheck): string[] {
  return [
    ...(agree + differ + closeWait.gone === 0 && sockets > 0
      ? ["No connection of the capture is in the list: it may be of another host or another time."]
      : []),
    ...(stateAssumed ? ["The list has no column of states: taken for `ss -tan state close-wait`."] : []),
    ...(unreadLines > 0
      ? [`${countOf(unreadLines, "line")} could not be read: names for addresses are not looked up; use -n.`]
      : []),
    ...(leftOut > 0 ? [`${countOf(leftOut, "socket")} beyond the first million left out.`] : []),
  ];
}

function endpointRows({ endpoints }: HostCheck, page: Page): string[] {
  const shown = endpoints.slice(0, page.holderCountMax);
  if (shown.length === 0) return [];
  const row = ({ endpoint, closeWait, inCapture, processes }: HostCheckEndpoint) => [
    formatNamed(endpoint, page.names),
    formatCount(closeWait),
    formatCount(inCapture),
    processText(processes),
  ];
  return [...grid(ENDPOINT_COLUMNS, shown.map(row), page), ...moreRows(shown.length, endpoints.length, page, "  ")];
}

/** Where both agree there is nothing to look at. */
function differingRows({ compared }: HostCheck, page: Page): string[] {
  const differing = compared.filter(({ agrees }) => agrees === false);
  const shown = differing.slice(0, page.flowCountMax);
  if (shown.length === 0) return [];
  const row = ({ local, peer, onHost, inCapture, recvQueue, processes }: HostCheckSocket) => [
    formatNamed(local, page.names),
    formatNamed(peer, page.names),
    onHost === null ? "gone" : ssName(onHost),
    inCapture === null ? "" : ssName(inCapture),
    recvQueue === null ? "" : formatCount(recvQueue),
    processText(processes),
  ];
  return [
    "  They disagree on:",
    ...grid(SOCKET_COLUMNS, shown.map(row), page),
    ...moreRows(shown.length, differing.length, page, "  "),
  ];
}

function grid(columns: readonly Column[], rows: readonly string[][], page: Page): string[] {
  const table = renderGrid(columns, rows, { ...page, width: page.width - 2 });
  const named = (row: readonly string[]) =>
    row.flatMap((cell, index) => (cell === "" ? [] : [index === 0 ? `  ${cell}` : `${columns[index]?.head} ${cell}`]));
  return table?.map((line) => `  ${line}`) ?? rows.flatMap((row) => foldParts(named(row), ", ", page.width, "    "));
}

/** `java (pid 1234)`; a socket that several processes hold was inherited. */
function processText(processes: readonly HostCheckProcess[]): string {
  const shown = processes.slice(0, PROCESSES_SHOWN_MAX).map(({ name, pid }) => {
    const id = pid === null ? "" : `pid ${pid}`;
    return name === "" ? id : `${sanitize(name)}${id === "" ? "" : ` (${id})`}`;
  });
  const hidden = processes.length - shown.length;
  return [...shown, ...(hidden > 0 ? [`${formatCount(hidden)} more`] : [])].join(", ");
}
