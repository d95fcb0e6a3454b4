import type { Analysis, Flow } from "../../analysis/model.ts";
import { sortFlows } from "../../report/flow-order.ts";
import { renderFlowsTable } from "../../report/flows-table.ts";
import { renderJson, renderNdjsonLine } from "../../report/json.ts";
import { renderTable } from "../../report/table.ts";
import type { AnalysisView } from "../../report/view.ts";
import type { CliIo, Output } from "../io.ts";
import { viewOf } from "../view-of.ts";
import { PIECE_LENGTH, writeInPieces } from "../write-in-pieces.ts";
import type { AnalysisSettings } from "./analysis-settings.ts";

const FLOWS_SHOWN = 20;
const HOLDERS_SHOWN = 10;

/** Prints the result in the format that was asked for. */
export function printAnalysis(analysis: Analysis, settings: AnalysisSettings, output: Output, io: CliIo): void {
  if (settings.format === "table") {
    const render = settings.command === "flows" ? renderFlowsTable : renderTable;
    output.write(render(analysis, analysisViewOf(settings, output, io)));
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

function analysisViewOf(settings: AnalysisSettings, output: Output, io: CliIo): AnalysisView {
  const { command, rowCountMax, order } = settings;
  return {
    ...viewOf(settings, output, io),
    flowCountMax: rowCountMax ?? (command === "flows" ? Number.POSITIVE_INFINITY : FLOWS_SHOWN),
    holderCountMax: rowCountMax ?? HOLDERS_SHOWN,
    order,
  };
}
