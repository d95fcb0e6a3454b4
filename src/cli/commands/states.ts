import { parseSeconds } from "../../analysis/duration.ts";
import type { CaptureReport } from "../../analysis/model.ts";
import type { SocketTable } from "../../analysis/sockets.ts";
import { CloseWaitError } from "../../errors.ts";
import type { Look } from "../../questions.ts";
import { renderCsv } from "../../report/csv.ts";
import { renderJson } from "../../report/json.ts";
import { renderSocketCounts, renderSocketsOverTime } from "../../report/socket-counts-table.ts";
import {
  SOCKET_COUNTS_CSV_HEAD,
  SOCKETS_CSV_HEAD,
  socketCountsCsvRows,
  socketsCsvRows,
} from "../../report/sockets-csv.ts";
import { renderSocketsTable } from "../../report/sockets-table.ts";
import type { StatesView, View } from "../../report/view.ts";
import { ask } from "../ask.ts";
import { EXIT_CODES } from "../exit-code.ts";
import type { StatesFormat } from "../formats.ts";
import type { CliIo } from "../io.ts";
import { inOption } from "../parse/in-option.ts";
import { type RawOptions, readMoment, readSettings, type Settings } from "../settings.ts";
import { viewOf } from "../view-of.ts";
import { writeInPieces } from "../write-in-pieces.ts";

const ROWS_SHOWN = 50;

export interface RawStatesOptions extends RawOptions {
  readonly at?: string;
  readonly every?: string;
  readonly count?: true;
  readonly format: StatesFormat;
}

interface StatesSettings extends Settings {
  readonly look: Look;
  readonly countsOnly: boolean;
  readonly format: StatesFormat;
}

/** `closewait states`. Returns the exit code. */
export async function runStates(captures: readonly string[], raw: RawStatesOptions, io: CliIo): Promise<number> {
  const settings = readStatesSettings(raw);
  let read: readonly CaptureReport[] = [];
  await ask<readonly SocketTable[]>(
    captures,
    settings,
    {
      ask({ listSockets }, options) {
        const onRead = (reports: readonly CaptureReport[]) => {
          options.onRead?.(reports);
          read = reports;
        };
        return listSockets(captures, settings.look, { ...options, onRead });
      },
      tell(tables, output) {
        if (settings.detail !== "quiet") warnOfUnseen(tables, read, io);
        writeInPieces(render(tables, settings, viewOf(settings, output, io)), output);
      },
    },
    io,
  );
  return EXIT_CODES.analyzed;
}

/** What was sent before the captures, and after them, is not known. */
function warnOfUnseen([table]: readonly SocketTable[], captures: readonly CaptureReport[], io: CliIo): void {
  const [begin] = captures.flatMap(({ firstAt }) => firstAt ?? []).sort();
  const end = captures
    .flatMap(({ observedUntil, lastAt }) => observedUntil ?? lastAt ?? [])
    .sort()
    .at(-1);
  if (table === undefined || begin === undefined || end === undefined) return;
  const warn = (text: string) => io.stderr.write(`closewait: warning: ${text}\n`);
  if (table.at < begin) warn(`the captures begin at ${begin}: nothing is known of ${table.at}`);
  if (table.at > end) warn(`the captures end at ${end}: of what came until ${table.at} only timers are known`);
}

function readStatesSettings(raw: RawStatesOptions): StatesSettings {
  const settings = readSettings(raw);
  return {
    ...settings,
    look: readLook(raw, settings.utc),
    countsOnly: raw.count === true,
    format: raw.format,
  };
}

function readLook({ at, every }: RawStatesOptions, utc: boolean): Look {
  if (every === undefined) return { at: readMoment("--at", at, utc) ?? { kind: "end" } };
  if (at !== undefined)
    throw new CloseWaitError("usage", "--at and --every contradict each other: one moment, or many");
  const everySeconds = inOption("--every", () => parseSeconds(every));
  if (everySeconds === 0) throw new CloseWaitError("usage", "--every: moments need some time between them");
  return { everySeconds };
}

/** The text in the format that was asked for, in pieces. */
function render(tables: readonly SocketTable[], settings: StatesSettings, view: View): Iterable<string> {
  const { look, countsOnly, format, rowCountMax } = settings;
  if (format === "table") return renderTables(tables, settings, { ...view, rowCountMax: rowCountMax ?? ROWS_SHOWN });
  if (countsOnly && format === "csv") return renderCsv(SOCKET_COUNTS_CSV_HEAD, socketCountsCsvRows(tables));
  const limited = rowCountMax === null ? tables : tables.map((table) => firstSockets(table, rowCountMax));
  if (format === "csv") return renderCsv(SOCKETS_CSV_HEAD, socketsCsvRows(limited));
  const moments = countsOnly ? tables.map(({ at, counts }) => ({ at, counts })) : limited;
  return renderJson("at" in look ? (moments[0] ?? {}) : { moments });
}

function renderTables(
  tables: readonly SocketTable[],
  { look, countsOnly }: StatesSettings,
  view: StatesView,
): readonly string[] {
  if ("everySeconds" in look) return [renderSocketsOverTime(tables, look.everySeconds, view)];
  return tables.map((table) => (countsOnly ? renderSocketCounts : renderSocketsTable)(table, view));
}

function firstSockets(table: SocketTable, countMax: number): SocketTable {
  return { ...table, sockets: table.sockets.slice(0, countMax) };
}
