/** A sequence number as it was written: counted from the party's ISN, or with `=` as it stands in the header. */
export interface WrittenNumber {
  readonly value: number;
  readonly absolute: boolean;
}

/** Every complaint about a conversation names its line. */
export function complaint(line: number, message: string): Error {
  return new Error(`line ${line}: ${message}`);
}

/** Reads one line from left to right; blanks between the parts do not matter. */
export class LineScanner {
  readonly line: number;
  readonly #text: string;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.line = line;
  }

  /** What the sticky pattern matches here; null, and nothing is consumed, if it does not. */
  try(pattern: RegExp): RegExpExecArray | null {
    this.#skipBlanks();
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  take(pattern: RegExp, what: string): RegExpExecArray {
    const match = this.try(pattern);
    if (!match) throw this.expected(what, this.#text.slice(this.#at));
    return match;
  }

  party(): string {
    return this.take(/[A-Za-z]\w*/y, "the name of a party")[0];
  }

  uint(bits: number): number {
    const value = Number(this.take(/\d+\b/y, "a number")[0]);
    if (value >= 2 ** bits) throw this.expected(`a number below ${2 ** bits}`, String(value));
    return value;
  }

  sequenceNumber(): WrittenNumber {
    const [, absolute, digits] = this.take(
      /(?:(=)(?=\d))?(-?\d+)\b/y,
      'a sequence number such as "101" or "=3000000000"',
    );
    return { value: Number(digits), absolute: absolute !== undefined };
  }

  atEnd(): boolean {
    this.#skipBlanks();
    return this.#at === this.#text.length;
  }

  end(): void {
    if (!this.atEnd()) throw this.expected("the end of the line", this.#text.slice(this.#at));
  }

  expected(what: string, found: string): Error {
    return complaint(this.line, `expected ${what}, found ${found === "" ? "the end of the line" : `"${found}"`}`);
  }

  #skipBlanks(): void {
    while (this.#text[this.#at] === " " || this.#text[this.#at] === "\t") this.#at++;
  }
}
