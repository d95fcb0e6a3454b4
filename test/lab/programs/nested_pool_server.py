"""A server that takes two connections from one Redis pool for a request, the second while it holds the first. With as many requests at once
as the pool has connections, everybody waits for a second one, for ever.

    nested_pool_server.py IP:PORT REDIS_IP:PORT POOL_SIZE SOURCE_IP FIRST_SOURCE_PORT
"""

import queue
import socket
import socketserver
import sys
import time

WORK_SECONDS = 0.08

service, redis, size, source_ip, first_source_port = sys.argv[1:]


def address(text):
    ip, port = text.rsplit(":", 1)
    return ip, int(port)


class RedisConnection:
    def __init__(self, number):
        self.socket = socket.create_connection(address(redis), 5, (source_ip, int(first_source_port) + number))
        self.answers = self.socket.makefile("rb")

    def integer(self, command):
        self.socket.sendall(command.encode() + b"\r\n")
        return int(self.answers.readline()[1:])


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        for _ in self.rfile:
            orders = pool.get()
            number = orders.integer("INCR orders")
            time.sleep(WORK_SECONDS)
            stock = pool.get()  # while `orders` is still held
            left = stock.integer("DECR stock")
            pool.put(stock)
            pool.put(orders)
            self.wfile.write(f"order {number}, {left} apples left\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 100


pool = queue.Queue()
for number in range(int(size)):
    pool.put(RedisConnection(number))
with Server(address(service), Session) as server:
    print("ready")
    server.serve_forever()
