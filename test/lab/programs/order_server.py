"""A server that answers lines, with one of the flaws that make CLOSE-WAIT pile up.

    order_server.py IP:PORT FLAW

forgets-close     a thread per connection; a session whose request fails is never taken off the list, nor closed
slow              a thread per connection; `slow:3` takes 3 s, and only then is it noticed that the client has gone
single-threaded   one connection after the other: as long as the first client stays, the others wait in the accept queue
"""

import socket
import socketserver
import sys
import time


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            word = line.split()[0].decode()
            if word == "fail":
                raise KeyError("no such order")
            if word.startswith("slow:"):
                time.sleep(float(word.removeprefix("slow:")))
                if self.is_gone():
                    return
            self.wfile.write(b"apples for " + line)

    def is_gone(self):
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False


class ThreadedServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100

    def handle_error(self, request, client_address):
        print(f"{client_address}: {sys.exc_info()[1]!r}")


class ForgetfulServer(ThreadedServer):
    """Keeps its sessions in a list, and takes them off only where all went well."""

    def __init__(self, *args):
        self.sessions = []
        super().__init__(*args)

    def process_request_thread(self, request, client_address):
        self.sessions.append(request)
        try:
            self.finish_request(request, client_address)
        except Exception:
            self.handle_error(request, client_address)
            return
        self.sessions.remove(request)
        self.shutdown_request(request)


class SingleThreadedServer(socketserver.TCPServer):
    allow_reuse_address = True
    request_queue_size = 100


socketserver.TCPServer.address_family = socket.AF_INET6 if ":" in sys.argv[1].rsplit(":", 1)[0] else socket.AF_INET
SERVERS = {"forgets-close": ForgetfulServer, "slow": ThreadedServer, "single-threaded": SingleThreadedServer}

where, flaw = sys.argv[1:]
ip, port = where.rsplit(":", 1)
with SERVERS[flaw]((ip, int(port)), Session) as server:
    print("ready")
    server.serve_forever()
