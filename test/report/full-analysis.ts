import type { Analysis, Evidence, Flow } from "../../src/analysis/model.ts";
import { analysis, at, capture, finding, flow, halfClose, holder } from "./sample-analysis.ts";
import { GROUPS, HOST_CHECK } from "./sample-extras.ts";

const answered: Evidence = { at: at(200), capture: 0, frame: 98 };

const flowWithEverything: Required<Flow> = {
  known: { client: false, server: true },
  ...flow(
    "10.0.0.1:40000",
    "10.0.0.2:8080",
    halfClose(5, {
      status: "ended",
      atLeast: false,
      end: { at: at(204), capture: 0, frame: 99, by: "reset", sender: "client", answers: answered, cause: "reaped" },
      lastPayloadAt: at(100),
      unanswered: { since: at(4), frame: 5, bytes: 180 },
      unreadBytesAtLeast: 2366,
    }),
    {
      sameAs: "10.0.0.1:40001-10.0.0.2:8080@1795142720.000000000",
      assumed: ["client"],
      reasons: ["capture-loss"],
      reset: { at: at(204), capture: 0, frame: 99, sender: "client", answers: answered },
    },
  ),
};

/** Every field is present and somewhere not null: its shape is the type's shape. */
export const FULL_ANALYSIS: Required<Analysis> = {
  names: { "10.0.0.2": "db.example" },
  services: { 8080: "http-alt" },
  groups: GROUPS,
  host: HOST_CHECK,
  ...analysis({
    captures: [
      capture({
        compression: "gzip",
        dropped: 3,
        problems: [{ kind: "cut-short", count: 1, message: "cut short" }],
        annotations: {
          comments: [{ on: "packet", interface: 0, frame: 7, text: "the FIN" }],
          commentsLeftOut: 0,
          otherBlocks: { "decryption secrets": 1 },
        },
      }),
    ],
    flows: [flowWithEverything],
    holders: [
      holder("10.0.0.2", 8080, {
        peers: [{ ip: "10.0.0.1", count: 1, stuck: 1, oldestSeconds: 5, known: false }],
        growthPerHour: 12.5,
        growthErrorPerHour: 0.5,
        lastsP95Seconds: 300,
        exhaustion: [{ descriptors: 1024, inSeconds: 294_624, at: at(295_231) }],
      }),
      holder("10.0.0.2", 8081, {
        peers: [{ ip: "10.0.0.1", count: 1, stuck: 1, oldestSeconds: 5, known: false }],
        growthPerHour: 12.5,
        growthErrorPerHour: 0.5,
        growthUntil: at(600),
      }),
    ],
    findings: [finding({ until: at(600), relayedTo: { ip: "10.0.0.3", port: 8081 } })],
    totals: { skipped: { "not-tcp": 3 }, byVerdict: { reset: 1 } },
  }),
};
