"""A server that takes two connections of one pool of redis-py for a request, the second while it holds the first (WATCH keeps it). With as many
requests at once as the pool has connections, everybody waits for a second one, for ever.

    redis_pool_server.py IP:PORT REDIS_IP:PORT POOL_SIZE [--lazy]      --lazy: connections are opened when they are first needed
"""

import socket
import socketserver
import sys
import time

import redis
from journal import note

WORK_SECONDS = 0.08

service, dependency, size = sys.argv[1:4]
ip, port = service.rsplit(":", 1)
redis_ip, redis_port = dependency.rsplit(":", 1)
pool = redis.BlockingConnectionPool(host=redis_ip, port=int(redis_port), max_connections=int(size), timeout=None)
shop = redis.Redis(connection_pool=pool)


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            with shop.pipeline() as order:
                order.watch(f"order {self.client_address}")
                time.sleep(WORK_SECONDS)
                left = shop.decr("stock")  # while `order` holds its connection
                order.multi()
                order.incr("orders")
                order.execute()
            self.wfile.write(f"{left} apples left\n".encode())


class Server(socketserver.ThreadingTCPServer):
    address_family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


if "--lazy" not in sys.argv:
    for connection in [pool.get_connection("PING") for _ in range(int(size))]:
        connection.send_command("PING")
        connection.read_response()
        pool.release(connection)
with Server((ip, int(port)), Session) as server:
    note("ready")
    server.serve_forever()
