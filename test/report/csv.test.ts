import { describe, expect, it } from "vitest";
import { type CsvCell, renderCsv } from "../../src/report/csv.ts";
import {
  SOCKET_COUNTS_CSV_HEAD,
  SOCKETS_CSV_HEAD,
  socketCountsCsvRows,
  socketsCsvRows,
} from "../../src/report/sockets-csv.ts";
import { leakedSockets, MIXED_SOCKETS, socketTable } from "./sample-sockets.ts";

const text = (head: readonly string[], rows: Iterable<readonly CsvCell[]>) => [...renderCsv(head, rows)].join("");
const cell = (value: CsvCell) => text([], [[value]]).slice("\r\n".length, -"\r\n".length);

describe("CSV", () => {
  it("has a header and records that end as RFC 4180 says", () => {
    expect(text(["a", "b"], [[1, true]])).toBe("a,b\r\n1,true\r\n");
  });

  it.each<[CsvCell, string]>([
    ["10.0.0.2", "10.0.0.2"],
    ["2001:db8::2", "2001:db8::2"],
    ["a,b", '"a,b"'],
    ["a;b", '"a;b"'],
    ["a b", '"a b"'],
    ['say "no"', '"say ""no"""'],
    ["", ""],
    [-1.5, "-1.5"],
    [false, "false"],
  ])("prints %j as %s", (value, printed) => {
    expect(cell(value)).toBe(printed);
  });

  it.each([
    ["=1+1", "'=1+1"],
    ["+1", "'+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ["  =1", `"'  =1"`],
    ["\t=1", "'=1"],
    ["\r\n=1", "'=1"],
    ["\u202e=1", "'=1"],
    ["＝1", "'＝1"],
  ])("makes text of the formula %j", (value, printed) => {
    expect(cell(value)).toBe(printed);
  });

  it("leaves control characters out", () => {
    expect(cell("a\u001b[2J\r\nb\u0000\u2028c")).toBe("a[2Jbc");
  });
});

describe("sockets as CSV", () => {
  it("are one record each", async () => {
    await expect(text(SOCKETS_CSV_HEAD, socketsCsvRows([MIXED_SOCKETS]))).toMatchFileSnapshot("golden/states.csv");
  });

  it("are counted for each moment and host, zeros too", async () => {
    const tables = [socketTable(0, []), MIXED_SOCKETS, socketTable(20, leakedSockets(3))];
    await expect(text(SOCKET_COUNTS_CSV_HEAD, socketCountsCsvRows(tables))).toMatchFileSnapshot(
      "golden/states-count.csv",
    );
  });
});
