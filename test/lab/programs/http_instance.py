"""An instance of a web service, on Python's own HTTP server: keep-alive, a short answer to every GET.

    http_instance.py IP:PORT [--close]      --close: the server closes after each answer
"""

import http.server
import socket
import sys


class Answer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"apples\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if "--close" in sys.argv:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


ip, port = sys.argv[1].rsplit(":", 1)
http.server.ThreadingHTTPServer.address_family = socket.AF_INET6 if ":" in ip else socket.AF_INET
server = http.server.ThreadingHTTPServer((ip, int(port)), Answer)
print("ready")
server.serve_forever()
