/** Control codes, and what else is white: a text of the input is one line. */
const NOT_PLAIN = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;

const UTF8 = new TextDecoder();

/** UTF-8 text of the input on one line, without control codes; what is no UTF-8 becomes U+FFFD. The caller caps the length. */
export function plainText(view: DataView, offset: number, octets: number): string {
  const text = UTF8.decode(new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + offset, octets));
  return text.replace(NOT_PLAIN, " ").trim();
}
