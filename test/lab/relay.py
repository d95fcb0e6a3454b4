"""A wire between two network namespaces, in user space: carries Ethernet frames from one TAP device to another and delays, drops, copies or
holds back those that match a rule. For kernels without netem.

    relay.py client=NETNS server=NETNS [mirror=NETNS] [--seed N]

Each namespace gets a TAP device `eth0`. `mirror`, if given, gets a copy of every frame that enters the wire, as a monitor port of a switch
would, with VLAN tags where asked for. Commands come as JSON lines on stdin, each answered by a line {"id": n} on stdout:

    {"op": "delay", "seconds": 0.05}             every frame, either direction (what is under way keeps its time)
    {"op": "rule", "name": "late FIN", "from": "client", "flags": "F", "payload": false, "skip": 1, "count": 2, "odds": 0.5,
     "action": "drop" | "delay" | "copy", "seconds": 0.2}
    {"op": "clear"}                              no rules any more
    {"op": "tags", "tags": [[0x8100, 42]]}       VLAN tags on the mirror's copies, outermost first

A rule applies to TCP frames that have all of `flags` (letters as tcpdump prints them), the wanted `payload`, sender and `port` of either end; it
lets the first `skip` matches pass, acts on the next `count`, with probability `odds`. Each frame it acts on is reported: {"acted": {...}}.
"""

import ctypes
import fcntl
import heapq
import json
import os
import random
import selectors
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10}

libc = ctypes.CDLL(None, use_errno=True)


def tap_in(namespace):
    with open(f"/run/netns/{namespace}") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH", b"eth0", IFF_TAP | IFF_NO_PI))
    return tap


def segment_of(frame):
    """What a rule can ask for and a reader wants to know, or None if the frame carries no TCP segment (IPv6 without extension headers)."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and frame[23] == 6:
        at = 14 + (frame[14] & 15) * 4
        end = 14 + struct.unpack_from("!H", frame, 16)[0]
    elif kind == b"\x86\xdd" and frame[20] == 6:
        at = 54
        end = 54 + struct.unpack_from("!H", frame, 18)[0]
    else:
        return None
    source, destination, seq, ack, offset, flags = struct.unpack_from("!HHIIBB", frame, at)
    return {
        "sourcePort": source, "destinationPort": destination, "seq": seq, "ack": ack,
        "flags": "".join(letter for letter, bit in FLAGS.items() if flags & bit), "payload": end - at - (offset >> 4) * 4,
    }


def put(tap, frame):
    try:
        os.write(tap, frame)
    except OSError:
        pass  # the link is not up yet, or gone


class Wire:
    def __init__(self, taps, mirror, seed):
        self.taps, self.mirror = taps, mirror
        self.random = random.Random(seed)
        self.seconds, self.rules, self.tags = 0.0, [], []
        self.under_way, self.carried = [], 0

    def command(self, op, id, **arguments):
        if op == "delay":
            self.seconds = arguments["seconds"]
        elif op == "rule":
            self.rules.append({"skip": 0, "count": None, "odds": 1.0, "seconds": 0.0, **arguments})
        elif op == "clear":
            self.rules = []
        elif op == "tags":
            self.tags = arguments["tags"]
        print(json.dumps({"id": id}), flush=True)

    def verdict(self, sender, segment):
        """The first rule that acts on this segment, or None."""
        for rule in self.rules:
            wanted = (
                rule.get("from", sender) == sender
                and all(flag in segment["flags"] for flag in rule.get("flags", ""))
                and rule.get("port", segment["sourcePort"]) in (segment["sourcePort"], segment["destinationPort"])
                and rule.get("payload", segment["payload"] > 0) == (segment["payload"] > 0)
            )
            if not wanted or rule["count"] == 0:
                continue
            if rule["skip"] > 0:
                rule["skip"] -= 1
                continue
            if self.random.random() >= rule["odds"]:
                continue
            if rule["count"] is not None:
                rule["count"] -= 1
            acted = {"at": time.time(), "rule": rule["name"], "action": rule["action"], "from": sender, **segment}
            print(json.dumps({"acted": acted}), flush=True)
            return rule
        return None

    def enter(self, sender, frame):
        if self.mirror is not None:
            tags = b"".join(struct.pack("!HH", *tag) for tag in self.tags)
            put(self.mirror, frame[:12] + tags + frame[12:])
        segment = segment_of(frame)
        rule = self.verdict(sender, segment) if segment else None
        action = rule["action"] if rule else "pass"
        receiver = "server" if sender == "client" else "client"
        if action != "drop":
            self.send_later(receiver, frame, self.seconds + (rule["seconds"] if action == "delay" else 0))
        if action == "copy":
            self.send_later(receiver, frame, self.seconds + rule["seconds"])

    def send_later(self, receiver, frame, seconds):
        self.carried += 1  # keeps the order of frames that are due together
        heapq.heappush(self.under_way, (time.monotonic() + seconds, self.carried, receiver, frame))

    def deliver(self):
        """Hand over what is due; returns the seconds until the next frame is, or None."""
        while self.under_way:
            wait = self.under_way[0][0] - time.monotonic()
            if wait > 0:
                return wait
            _, _, receiver, frame = heapq.heappop(self.under_way)
            put(self.taps[receiver], frame)
        return None

    def run(self):
        selector = selectors.DefaultSelector()
        for name, tap in self.taps.items():
            selector.register(tap, selectors.EVENT_READ, name)
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        print(json.dumps({"ready": True}), flush=True)
        commands = b""
        while True:
            for key, _ in selector.select(self.deliver()):
                if key.data is None:
                    octets = os.read(0, 65536)
                    if not octets:
                        return
                    *lines, commands = (commands + octets).split(b"\n")
                    for line in lines:
                        self.command(**json.loads(line))
                    continue
                try:
                    self.enter(key.data, os.read(key.fd, 65536))
                except BlockingIOError:
                    pass


def main():
    arguments = sys.argv[1:]
    seed = int(arguments[arguments.index("--seed") + 1]) if "--seed" in arguments else 0
    taps = {name: tap_in(namespace) for name, namespace in (pair.split("=") for pair in arguments if "=" in pair)}
    mirror = taps.pop("mirror", None)
    Wire(taps, mirror, seed).run()


main()
