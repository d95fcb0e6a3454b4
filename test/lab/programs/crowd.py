"""Very many short connections, some of which the server forgets to close.

    crowd.py serve IP:PORT
    crowd.py visit IP:PORT FROM_IP FIRST_PORT COUNT FORGET_EVERY AT_ONCE

A visitor asks, is answered and closes; those who ask to be forgotten (every FORGET_EVERY-th) are answered and never closed by the server.
"""

import asyncio
import resource
import sys

forgotten = []


async def session(reader, writer):
    question = await reader.readline()
    writer.write(b"apples\n")
    await reader.read()
    if question.startswith(b"forget"):
        forgotten.append(writer)
        return
    writer.close()


async def serve(ip, port):
    server = await asyncio.start_server(session, ip, port, backlog=1000)
    print("ready")
    await server.serve_forever()


async def visit(ip, port, source, first_port, count, forget_every, at_once):
    places = asyncio.Semaphore(at_once)

    async def visitor(number):
        async with places:
            reader, writer = await asyncio.open_connection(ip, port, local_addr=(source, first_port + number))
            writer.write(b"forget me\n" if number % forget_every == 0 else b"order\n")
            await reader.readline()
            writer.close()

    await asyncio.gather(*(visitor(number) for number in range(count)))


soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
role, where, *rest = sys.argv[1:]
ip, port = where.rsplit(":", 1)
if role == "serve":
    asyncio.run(serve(ip, int(port)))
else:
    source, *numbers = rest
    asyncio.run(visit(ip, int(port), source, *map(int, numbers)))
