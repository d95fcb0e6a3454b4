"""A health checker: connects and closes at once, again and again.

    health_checker.py --from IP --ports FIRST --count N --period S IP:PORT
"""

import argparse
import socket
import time

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="source", required=True)
parser.add_argument("--ports", type=int, required=True)
parser.add_argument("--count", type=int, required=True)
parser.add_argument("--period", type=float, required=True)
parser.add_argument("service")
options = parser.parse_args()

ip, port = options.service.rsplit(":", 1)
started = time.monotonic()
for number in range(options.count):
    time.sleep(max(0, started + number * options.period - time.monotonic()))
    socket.create_connection((ip, int(port)), 5, (options.source, options.ports + number)).close()
    print(f"probe {number + 1}")
