/** The part of pcap-parser 0.2.1 that is used here; the package has no types of its own. */
declare module "pcap-parser" {
  /** `input`: a path, or anything with the events and methods of a readable stream. */
  export function parse(input: string | object): import("./pcap-parser-input.ts").PcapParser;
}
