import type { AnnotationLog } from "./annotations.ts";
import { NAME_RECORD } from "./pcapng-layout.ts";
import type { OptionCursor } from "./pcapng-options.ts";
import { plainText } from "./plain-text.ts";

/** Octets of a name that are read: no host name has more (RFC 1035 §2.3.4). */
const NAME_OCTETS_MAX = 255;

/**
 * Reads the records of a name resolution block (§4.5) that the cursor stands in front of. Each is an address and any number of names that
 * end in a zero octet: the first one counts. MAC addresses have names, too; nobody asks for them here.
 */
export function readNames(record: OptionCursor, log: AnnotationLog): void {
  while (record.next()) {
    if (record.code === NAME_RECORD.ipv4) readName(record, 4, log);
    else if (record.code === NAME_RECORD.ipv6) readName(record, 16, log);
  }
}

function readName(record: OptionCursor, addressOctets: number, log: AnnotationLog): void {
  const { view, offset, length } = record;
  if (length <= addressOctets) {
    record.fault ??= "length";
    return;
  }
  const value = new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset + offset, length);
  const end = value.indexOf(0, addressOctets);
  const nameOctets = Math.min((end < 0 ? length : end) - addressOctets, NAME_OCTETS_MAX);
  log.nameHost(value.subarray(0, addressOctets), plainText(view, offset + addressOctets, nameOctets));
}
