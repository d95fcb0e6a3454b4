"""A socket agent: owns real sockets inside one network namespace and does with them exactly what it is told.

Reads one JSON object a line from stdin, {"id": 1, "op": "connect", ...}, and answers on stdout with {"id": 1, "result": ...} or {"id": 1,
"error": "..."}. Commands run concurrently; whoever needs an order waits for the answer. Nothing happens to a socket that was not asked for: it
is not read, answered or closed. End of stdin ends the process, and the kernel then closes what is still open.
"""

import asyncio
import collections
import json
import os
import socket
import struct
import sys

TIMEOUT_SECONDS = 20

OPTIONS = {
    "keepAlive": (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
    "keepAliveIdleSeconds": (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE),
    "keepAliveIntervalSeconds": (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL),
    "keepAliveProbes": (socket.IPPROTO_TCP, socket.TCP_KEEPCNT),
    "receiveBuffer": (socket.SOL_SOCKET, socket.SO_RCVBUF),
    "sendBuffer": (socket.SOL_SOCKET, socket.SO_SNDBUF),
    "noDelay": (socket.IPPROTO_TCP, socket.TCP_NODELAY),
    "userTimeoutMilliseconds": (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT),
    "fastOpenQueue": (socket.IPPROTO_TCP, socket.TCP_FASTOPEN),
    "deferAcceptSeconds": (socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT),
}

sockets = {}
accepting = collections.defaultdict(asyncio.Lock)  # asyncio knows one reader a socket
heirs = []


def keep(sock):
    sock.setblocking(False)
    sockets[sock.fileno()] = sock
    return {"socket": sock.fileno(), "local": address(sock.getsockname), "peer": address(sock.getpeername)}


def address(name):
    try:
        ip, port = name()[:2]
    except OSError:
        return None
    return {"ip": ip, "port": port}


def family(ip):
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def set_options(sock, options):
    for name, value in (options or {}).items():
        sock.setsockopt(*OPTIONS[name], value)


def new_socket(ip, port, options):
    sock = socket.socket(family(ip), socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    set_options(sock, options)
    sock.bind((ip, port))
    sock.setblocking(False)
    return sock


async def listen(ip, port, backlog=128, options=None):
    sock = new_socket(ip, port, options)
    sock.listen(backlog)
    return keep(sock)


async def accept(listener):
    async with accepting[listener]:
        sock, _ = await asyncio.get_running_loop().sock_accept(sockets[listener])
        return keep(sock)


async def connect(ip, port, to, options=None, fastOpen=None):
    """`fastOpen` is text to send on the SYN. A connection that fails leaves no socket behind."""
    sock = new_socket(ip, port, options)
    try:
        if fastOpen is None:
            await asyncio.get_running_loop().sock_connect(sock, (to["ip"], to["port"]))
        else:
            sock.setblocking(True)
            sock.sendto(fastOpen.encode(), socket.MSG_FASTOPEN, (to["ip"], to["port"]))
    except BaseException:
        sock.close()
        raise
    return keep(sock)


async def send(socket, text):
    await asyncio.get_running_loop().sock_sendall(sockets[socket], text.encode())


async def fill(socket, text):
    """Send `text` again and again until the kernel takes no more: the peer's window and the own buffer are full."""
    sent = 0
    try:
        while True:
            sent += sockets[socket].send(text.encode())
    except BlockingIOError:
        return sent


async def receive(socket, octets):
    """Exactly `octets` octets, or fewer at the end of the stream; null octets: all up to the end."""
    received = b""
    while octets is None or len(received) < octets:
        part = await asyncio.get_running_loop().sock_recv(sockets[socket], 65536 if octets is None else octets - len(received))
        if not part:
            break
        received += part
    return received.decode()


async def shutdown(socket):
    sockets[socket].shutdown(1)


async def close(socket):
    sockets.pop(socket).close()


async def reset(socket):
    """close() with SO_LINGER 0: the kernel sends RST, whatever the state."""
    sock = sockets.pop(socket)
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))
    sock.close()


async def option(socket, options):
    set_options(sockets[socket], options)


async def bequeath(socket):
    """Let a child process inherit the descriptor, so that close() here is not the last one. The child ends with this process."""
    pipe, nowhere = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    heirs.append(await asyncio.create_subprocess_exec("cat", pass_fds=[socket], stdin=pipe, stdout=nowhere))


async def obey(command):
    id, op = command.pop("id"), command.pop("op")
    patience = command.pop("timeoutSeconds", TIMEOUT_SECONDS)
    try:
        reply = {"id": id, "result": await asyncio.wait_for(OPERATIONS[op](**command), patience)}
    except asyncio.TimeoutError:
        reply = {"id": id, "error": f"nothing happened for {patience} s"}
    except OSError as problem:
        reply = {"id": id, "error": os.strerror(problem.errno) if problem.errno else str(problem)}
    except Exception as problem:
        reply = {"id": id, "error": repr(problem)}
    print(json.dumps(reply), flush=True)


OPERATIONS = {
    operation.__name__: operation
    for operation in (listen, accept, connect, send, fill, receive, shutdown, close, reset, option, bequeath)
}


async def main():
    loop = asyncio.get_running_loop()
    commands = asyncio.StreamReader(limit=2**22)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    under_way = set()
    while line := await commands.readline():
        task = asyncio.create_task(obey(json.loads(line)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)


asyncio.run(main())
