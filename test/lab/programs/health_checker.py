"""Health checkers: each connects and closes at once, again and again, in turns.

    health_checker.py --from IP[,IP…] --ports FIRST --rounds N --period S IP:PORT
"""

import argparse
import socket
import time

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="sources", type=lambda text: text.split(","), required=True)
parser.add_argument("--ports", type=int, required=True)
parser.add_argument("--rounds", type=int, required=True)
parser.add_argument("--period", type=float, required=True)
parser.add_argument("service")
options = parser.parse_args()

ip, port = options.service.rsplit(":", 1)
turns = len(options.sources)
started = time.monotonic()
for number in range(options.rounds * turns):
    time.sleep(max(0, started + number * options.period / turns - time.monotonic()))
    source = (options.sources[number % turns], options.ports + number)
    socket.create_connection((ip, int(port)), 5, source).close()
    if (number + 1) % turns == 0:
        print(f"round {(number + 1) // turns}")
