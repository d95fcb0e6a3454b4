"""A client with a connection pool keyed by the peer's address. Connections are only looked at when they are used, and an address that has left
the registry is not used any more: nobody sees that its connections have ended.

    idle_pool.py --from IP --ports FIRST --size N --idle-after S --keep SURVIVOR IP:PORT IP:PORT …

Asks every connection of every address every 0.9 s; after S seconds only SURVIVOR is left in the registry.
"""

import argparse
import http.client
import time

GAP_SECONDS = 0.9

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="source", required=True)
parser.add_argument("--ports", type=int, required=True)
parser.add_argument("--size", type=int, required=True)
parser.add_argument("--idle-after", type=float, required=True)
parser.add_argument("--keep", required=True)
parser.add_argument("instances", nargs="+")
options = parser.parse_args()

pool = {}
port = options.ports
for instance in options.instances:
    ip, service = instance.rsplit(":", 1)
    pool[instance] = []
    for _ in range(options.size):
        pool[instance].append(http.client.HTTPConnection(ip, int(service), source_address=(options.source, port)))
        port += 1

started = time.monotonic()
registry = list(options.instances)
while True:
    if time.monotonic() - started > options.idle_after and len(registry) > 1:
        registry = [options.keep]
        print("registry changed")
    for instance in registry:
        for connection in pool[instance]:
            connection.request("GET", "/stock")
            connection.getresponse().read()
    time.sleep(GAP_SECONDS)
