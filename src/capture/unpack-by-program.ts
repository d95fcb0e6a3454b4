import type { Compressed } from "./decode-frames.ts";
import type { DecompressedBytes, Fault } from "./decompress.ts";
import { throughFilter } from "./filter.ts";
import { startProgram } from "./program.ts";
import { unusable } from "./unusable.ts";

/** Octets behind which an end mark cannot lie. */
const TAIL_OCTETS = 32;

/** Formats that only a program of the system decompresses. */
interface Format {
  /** Memory that the input may claim is bounded, where the format lets it claim any. */
  readonly options: readonly string[];
  /** Whether octets with zeros behind them end as a complete stream does. */
  readonly isComplete: (tail: Buffer) => boolean;
}

const FORMATS: Readonly<Record<"xz" | "bzip2", Format>> = {
  // https://tukaani.org/xz/xz-file-format.txt §2.1.2.4: the last two octets of the footer
  xz: { options: ["--memlimit-decompress=256MiB"], isComplete: (tail) => tail.subarray(-2).equals(Buffer.from("YZ")) },
  bzip2: { options: [], isComplete: endsInBzip2Mark },
};

/** Decompresses xz or bzip2 with the program of that name. To be iterated at once: it is running already. */
export async function unpackByProgram(
  { name, chunks, letGo, signal }: Compressed,
  by: keyof typeof FORMATS,
): Promise<DecompressedBytes> {
  const format = FORMATS[by];
  const filter = await startProgram(by, name, ["-dcq", ...format.options, "-"]);
  if (filter === null) {
    const message = `compressed with ${by}; install ${by}, or decompress first: ${by} -dc FILE | closewait -`;
    throw unusable("unsupported", name, message, 0);
  }
  const bytes = {
    fault: null as Fault | null,
    caveat: null,
    async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
      let tail: Buffer = Buffer.alloc(0);
      let isWhole = false;
      const pieces = async function* () {
        for await (const chunk of chunks) {
          tail = Buffer.concat([tail, chunk.subarray(-TAIL_OCTETS)]).subarray(-TAIL_OCTETS);
          yield chunk;
        }
        isWhole = true;
      };
      const isDecoded = yield* throughFilter(pieces(), filter, { letGo, signal });
      if (isDecoded || signal?.aborted) return;
      // The program only says that it failed: the end of the input tells whether it is there.
      bytes.fault = isWhole && !format.isComplete(withoutZeros(tail)) ? "cut-short" : "corrupt";
    },
  };
  return bytes;
}

function withoutZeros(tail: Buffer): Buffer {
  return tail.subarray(0, tail.findLastIndex((octet) => octet !== 0) + 1);
}

/** The end mark 0x177245385090 and a checksum of 32 bits, at any bit: the last octet may be filled up, and end in zeros of its own. */
function endsInBzip2Mark(tail: Buffer): boolean {
  const bits = BigInt(`0x0${tail.toString("hex")}`) << 40n;
  for (let shift = 0n; shift < 80n; shift++) {
    if (((bits >> (32n + shift)) & 0xffff_ffff_ffffn) === 0x1772_4538_5090n) return true;
  }
  return false;
}
