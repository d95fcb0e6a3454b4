import type { HostCheck } from "../../src/analysis/host-check.ts";
import type { Groups } from "../../src/analysis/model.ts";
import { at } from "./sample-analysis.ts";

export const GROUPS: Groups = {
  by: "service",
  leftOut: 2,
  groups: [
    {
      key: "8080",
      halfClosed: 34,
      stuck: 32,
      draining: 1,
      recent: 1,
      ended: 7,
      oldestSince: at(5),
      medianSeconds: 312.5,
      share: 0.944,
    },
    {
      key: "6379",
      halfClosed: 2,
      stuck: 0,
      draining: 0,
      recent: 2,
      ended: 0,
      oldestSince: at(599.5),
      medianSeconds: 0.4,
      share: 0.056,
    },
  ],
};

const local = { ip: "10.0.0.2", port: 8080 };
const processes = [{ name: "java", pid: 4711 }];

export const HOST_CHECK: HostCheck = {
  source: "ss.txt",
  addresses: ["10.0.0.2"],
  sockets: 4612,
  counts: { "CLOSE-WAIT": 4500, ESTABLISHED: 110, LISTEN: 2 },
  stateAssumed: false,
  unreadLines: 1,
  leftOut: 0,
  agree: 13,
  differ: 1,
  closeWait: {
    onHost: 4500,
    inCapture: 3,
    agreed: 2,
    notInCapture: 4497,
    gone: 1,
    shared: 3,
    recvQueue: { "eof-read": 4490, "fin-unread": 8, "data-unread": 2, unknown: 0 },
  },
  endpoints: [{ endpoint: local, closeWait: 4500, inCapture: 3, processes }],
  compared: [
    {
      local,
      peer: { ip: "10.0.0.1", port: 40000 },
      onHost: "CLOSE-WAIT",
      inCapture: "ESTABLISHED",
      agrees: false,
      recvQueue: 1,
      sendQueue: 0,
      processes,
      flow: "10.0.0.1:40000-10.0.0.2:8080@1700000001.000000000",
    },
    {
      local,
      peer: { ip: "10.0.0.1", port: 40001 },
      onHost: null,
      inCapture: "CLOSE-WAIT",
      agrees: false,
      recvQueue: null,
      sendQueue: null,
      processes: [],
      flow: "10.0.0.1:40001-10.0.0.2:8080@1700000002.000000000",
    },
  ],
};
