"""A crawler that asks urllib3 not to read the body, and then neither reads nor releases it: the connection never goes back to its pool.

    unreleased_crawler.py --from IP --count N --gap S IP:PORT
"""

import argparse
import time

import urllib3
from journal import note

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="source", required=True)
parser.add_argument("--count", type=int, required=True)
parser.add_argument("--gap", type=float, required=True)
parser.add_argument("site")
options = parser.parse_args()

ip, port = options.site.rsplit(":", 1)
site = f"http://[{ip}]:{port}" if ":" in ip else f"http://{ip}:{port}"
http = urllib3.PoolManager(source_address=(options.source, 0), retries=False)
responses = []
for number in range(options.count):
    responses.append(http.request("GET", f"{site}/page/{number}", preload_content=False))
    note("page")
    time.sleep(options.gap)
note("crawled")
time.sleep(600)
