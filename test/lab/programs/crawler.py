"""A crawler that keeps every response object and never closes one: the server closes after each answer, the crawler's sockets stay.

    crawler.py --from IP --ports FIRST --count N --gap S IP:PORT
"""

import argparse
import http.client
import time

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="source", required=True)
parser.add_argument("--ports", type=int, required=True)
parser.add_argument("--count", type=int, required=True)
parser.add_argument("--gap", type=float, required=True)
parser.add_argument("site")
options = parser.parse_args()

ip, port = options.site.rsplit(":", 1)
seen = []
for number in range(options.count):
    connection = http.client.HTTPConnection(ip, int(port), source_address=(options.source, options.ports + number))
    connection.request("GET", f"/page/{number}")
    seen.append((connection.sock, connection.getresponse()))
    time.sleep(options.gap)
print("crawled")
time.sleep(600)
