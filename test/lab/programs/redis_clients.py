"""Clients of a Redis that allows only so many: some keep their connections and ping, one more comes back again and again and is refused.

    redis_clients.py --sessions N --more RECONNECTS --retry S IP:PORT
"""

import argparse
import os
import threading
import time

import redis
from journal import note

PING_SECONDS = 0.3

parser = argparse.ArgumentParser()
parser.add_argument("--sessions", type=int, required=True)
parser.add_argument("--more", type=int, required=True)
parser.add_argument("--retry", type=float, required=True)
parser.add_argument("service")
options = parser.parse_args()
ip, port = options.service.rsplit(":", 1)


def client():
    return redis.Redis(host=ip, port=int(port), single_connection_client=True)


sessions = [client() for _ in range(options.sessions)]


def ping():
    while not tried.wait(PING_SECONDS):
        for session in sessions:
            session.ping()


tried = threading.Event()
pinging = threading.Thread(target=ping)
pinging.start()
note("ready")
input()
for _ in range(options.more):
    try:
        client().ping()
        os._exit(1)
    except redis.exceptions.ConnectionError:
        note("refused")
    time.sleep(options.retry)
tried.set()
pinging.join()
note("tried", rejected=sessions[0].info("stats")["rejected_connections"])
time.sleep(600)
