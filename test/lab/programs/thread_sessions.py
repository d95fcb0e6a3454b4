"""A client whose threads have a pool of urllib3 each, and use it a few times; then they have other things to do.

    thread_sessions.py --from IP --threads N --rounds N --gap S --spacing S IP:PORT
"""

import argparse
import threading
import time

import urllib3
from journal import note

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="source", required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--rounds", type=int, required=True)
parser.add_argument("--gap", type=float, required=True)
parser.add_argument("--spacing", type=float, required=True)
parser.add_argument("service")
options = parser.parse_args()

ip, port = options.service.rsplit(":", 1)
url = f"http://[{ip}]:{port}/" if ":" in ip else f"http://{ip}:{port}/"
pools = []


def work(number):
    time.sleep(number * options.spacing)
    http = urllib3.PoolManager(source_address=(options.source, 0), retries=False)
    pools.append(http)
    for round in range(options.rounds):
        if round > 0:
            time.sleep(options.gap)
        http.request("GET", url)
    note("last use", number=number)


threads = [threading.Thread(target=work, args=(number,)) for number in range(options.threads)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
note("idle")
time.sleep(600)
