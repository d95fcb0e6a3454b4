"""An event-loop server that forgets connections: while memory is short, an accepted socket cannot be registered with the loop. The error is
logged, the socket stays open, and nobody ever looks at it again.

    acceptor.py IP:PORT

SIGUSR1: memory becomes short. SIGUSR2: memory is back.
"""

import selectors
import signal
import socket
import sys

from journal import note

loop = selectors.DefaultSelector()
memory = {"isShort": False}
accepted = []


def accept(listener):
    connection, peer = listener.accept()
    accepted.append(connection)
    if memory["isShort"]:
        note("forgotten", ip=peer[0], port=peer[1])
        raise MemoryError("no buffer for a new connection")
    loop.register(connection, selectors.EVENT_READ, answer)


def answer(connection):
    request = connection.recv(4096)
    if request:
        connection.send(b"apples\n")
    else:
        loop.unregister(connection)
        accepted.remove(connection)
        connection.close()


signal.signal(signal.SIGUSR1, lambda *_: memory.update(isShort=True))
signal.signal(signal.SIGUSR2, lambda *_: memory.update(isShort=False))
ip, port = sys.argv[1].rsplit(":", 1)
family = socket.AF_INET6 if ":" in ip else socket.AF_INET
listener = socket.create_server((ip, int(port)), family=family, backlog=100)
loop.register(listener, selectors.EVENT_READ, accept)
print("ready")
while True:
    for key, _ in loop.select():
        try:
            key.data(key.fileobj)
        except MemoryError as problem:
            print(f"accept failed: {problem}")
