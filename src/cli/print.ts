import type { Analysis, Flow } from "../analysis/model.ts";
import { sortFlows } from "../report/flow-order.ts";
import { renderFlowsTable } from "../report/flows-table.ts";
import { renderJson, renderNdjsonLine } from "../report/json.ts";
import { renderTable } from "../report/table.ts";
import type { View } from "../report/view.ts";
import type { CliIo, Output } from "./io.ts";
import type { CommandName, Settings } from "./settings.ts";
import { columnsOf, wantsColour } from "./terminal.ts";

const FLOWS_SHOWN = 20;
const HOLDERS_SHOWN = 10;
/** Text is handed on in pieces of about this many characters: few writes, flat memory. */
const PIECE_LENGTH = 64 * 1024;

/** Prints the result in the format that was asked for. */
export function printAnalysis(
  command: CommandName,
  analysis: Analysis,
  settings: Settings,
  output: Output,
  io: CliIo,
): void {
  if (settings.format === "table") {
    const render = command === "flows" ? renderFlowsTable : renderTable;
    output.write(render(analysis, viewOf(command, settings, output, io)));
    return;
  }
  const { order, rowCountMax } = settings;
  const sorted = order === null ? analysis.flows : sortFlows(analysis.flows, order);
  const flows = rowCountMax === null ? sorted : sorted.slice(0, rowCountMax);
  if (settings.format === "json") writeInPieces(renderJson({ ...analysis, flows }), output);
  else writeInPieces(flows.map(renderNdjsonLine), output);
}

/** Prints flows as they come, one line each. */
export function printFlowLines(output: Output, rowCountMax: number | null): { print(flow: Flow): void; end(): void } {
  let piece = "";
  let rowCount = 0;
  const flush = () => {
    if (piece !== "") output.write(piece);
    piece = "";
  };
  return {
    print(flow) {
      if (rowCountMax !== null && rowCount >= rowCountMax) return;
      rowCount += 1;
      piece += renderNdjsonLine(flow);
      if (piece.length >= PIECE_LENGTH) flush();
    },
    end: flush,
  };
}

function viewOf(command: CommandName, settings: Settings, output: Output, io: CliIo): View {
  const rowCountMax = settings.rowCountMax;
  return {
    width: columnsOf(io.env, output),
    colour: wantsColour(io.env, output),
    timeZone: settings.utc ? "UTC" : io.timeZone,
    detail: settings.detail,
    flowCountMax: rowCountMax ?? (command === "flows" ? Number.POSITIVE_INFINITY : FLOWS_SHOWN),
    holderCountMax: rowCountMax ?? HOLDERS_SHOWN,
    order: settings.order,
  };
}

function writeInPieces(texts: Iterable<string>, output: Output): void {
  let piece = "";
  for (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    output.write(piece);
    piece = "";
  }
  if (piece !== "") output.write(piece);
}
