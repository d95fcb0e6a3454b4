"""Clients of a Redis that allows only so many: some keep their connections and ping, one more comes back again and again and is refused.

    redis_clients.py --sessions N --more RECONNECTS --retry S IP:PORT
"""

import argparse
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
    while True:
        for session in sessions[1:]:
            session.ping()
        time.sleep(PING_SECONDS)


threading.Thread(target=ping, daemon=True).start()
note("ready")
input()
for _ in range(options.more):
    try:
        client().ping()
        raise SystemExit("one more than allowed was accepted")
    except redis.exceptions.ConnectionError:
        note("refused")
    time.sleep(options.retry)
note("tried", rejected=sessions[0].info("stats")["rejected_connections"])
time.sleep(600)
