/** RFC 9293 §3.2, RFC 7323, RFC 2018: options that say nothing but how the connection works. */
const KIND = { END: 0, NO_OPERATION: 1, MSS: 2, WINDOW_SCALE: 3, SACK_PERMITTED: 4, SACK: 5, TIMESTAMPS: 8 } as const;
const KEPT: ReadonlySet<number> = new Set([
  ...[KIND.MSS, KIND.WINDOW_SCALE, KIND.SACK_PERMITTED, KIND.SACK, KIND.TIMESTAMPS],
]);

const OPTION_OCTETS_MIN = 2;

/** Replaces all other TCP options, which may hold addresses (multipath), cookies and signatures, by as many no-operations. */
export function blankTcpOptions(options: Uint8Array): void {
  let at = 0;
  while (at < options.length) {
    const kind = options[at] ?? 0;
    if (kind === KIND.NO_OPERATION) {
      at++;
      continue;
    }
    const length = options[at + 1] ?? 0;
    if (kind === KIND.END || length < OPTION_OCTETS_MIN || at + length > options.length) {
      options.fill(KIND.END, at);
      return;
    }
    if (!KEPT.has(kind)) options.fill(KIND.NO_OPERATION, at, at + length);
    at += length;
  }
}
