"""A client with urllib3's PoolManager: one pool for each address. It looks at a connection only when it takes it out of its pool to use it, and
an address that has left the registry is not used any more: nobody sees that its connections have ended.

    pooled_client.py --from IP --size N --rounds N --gap S [--keep-alive] IP:PORT IP:PORT …

In each round it asks every address N times at once; after so many rounds only the last address is left in the registry.
"""

import argparse
import concurrent.futures
import socket
import time

import urllib3
from journal import note

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="source", required=True)
parser.add_argument("--size", type=int, required=True)
parser.add_argument("--rounds", type=int, required=True)
parser.add_argument("--gap", type=float, required=True)
parser.add_argument("--keep-alive", action="store_true")
parser.add_argument("instances", nargs="+")
options = parser.parse_args()


def url(instance):
    ip, port = instance.rsplit(":", 1)
    return f"http://[{ip}]:{port}/stock" if ":" in ip else f"http://{ip}:{port}/stock"


KEEP_ALIVE = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1),
]
http = urllib3.PoolManager(
    maxsize=options.size,
    source_address=(options.source, 0),
    retries=False,
    socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1), *(KEEP_ALIVE if options.keep_alive else [])],
)
workers = concurrent.futures.ThreadPoolExecutor(options.size * len(options.instances))
registry = list(options.instances)
number = 0
while True:
    list(workers.map(lambda instance: http.request("GET", url(instance)), registry * options.size))
    number += 1
    note("round", number=number)
    if number == options.rounds:
        opened = [http.connection_from_url(url(instance)).num_connections for instance in registry]
        registry = registry[-1:]
        note("registry changed", opened=opened)
    time.sleep(options.gap)
