"""An instance of a web service, on Python's own HTTP server: keep-alive, a short answer to every GET.

    http_instance.py IP:PORT [--close] [--idle S]      --close: the server closes after each answer; --idle: or when it was idle for so long
"""

import argparse
import http.server
import socket

parser = argparse.ArgumentParser()
parser.add_argument("--close", action="store_true")
parser.add_argument("--idle", type=float)
parser.add_argument("service")
options = parser.parse_args()


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = options.idle

    def do_GET(self):
        body = b"apples\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if options.close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


ip, port = options.service.rsplit(":", 1)
http.server.ThreadingHTTPServer.address_family = socket.AF_INET6 if ":" in ip else socket.AF_INET
server = http.server.ThreadingHTTPServer((ip, int(port)), Answer)
print("ready")
server.serve_forever()
