import { createGunzip, type Gunzip } from "node:zlib";
import type { Fault } from "./decompress.ts";
import { CHUNK_OCTETS } from "./limits.ts";

/** node:zlib step by step: what one step brought is there when it is done, and nothing of it is lost to a later error. */
export class Inflater {
  fault: Fault | null = null;
  /** Nothing more will come: a member is broken, or zeros follow the last one (padding, as tape drives and object stores add it). */
  ended = false;
  readonly #stream: Gunzip = createGunzip({ chunkSize: CHUNK_OCTETS });
  #brought: Uint8Array[] = [];
  #settle: () => void = () => undefined;

  constructor() {
    this.#stream.on("data", (bytes: Uint8Array) => this.#brought.push(bytes));
    this.#stream.on("end", () => this.#end());
    this.#stream.on("error", (error: NodeJS.ErrnoException) => {
      this.fault = faultOf(error);
      this.#end();
    });
  }

  /** Settles when the step is decompressed, or has failed. */
  write(step: Uint8Array): Promise<void> {
    return this.#settled(() => this.#stream.write(step, () => this.#settle()));
  }

  /** Settles when the last member has been found complete, or not. */
  end(): Promise<void> {
    return this.#settled(() => this.#stream.end());
  }

  take(): Uint8Array[] {
    const brought = this.#brought;
    this.#brought = [];
    return brought;
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #end(): void {
    this.ended = true;
    this.#settle();
  }

  #settled(start: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      start();
    });
  }
}

/** A wrong header can only be that of a member behind the first one: the first one's made us try. */
function faultOf({ code, message }: NodeJS.ErrnoException): Fault {
  if (code === "Z_BUF_ERROR") return "cut-short";
  return message === "incorrect header check" || message === "unknown compression method" ? "trailing" : "corrupt";
}
