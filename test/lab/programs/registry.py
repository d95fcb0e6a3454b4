"""A registry that allows so many connections per client address and closes every further one at once, without a word.

    registry.py IP:PORT CAP
"""

import asyncio
import collections
import sys

from journal import note

CAP = int(sys.argv[2])
open_sessions = collections.Counter()


async def session(reader, writer):
    client = writer.get_extra_info("peername")[0]
    if open_sessions[client] >= CAP:
        note("refused", ip=client)
        writer.close()
        return
    open_sessions[client] += 1
    try:
        while await reader.readline():
            writer.write(b"imok\n")
    finally:
        open_sessions[client] -= 1
        writer.close()


async def main():
    ip, port = sys.argv[1].rsplit(":", 1)
    server = await asyncio.start_server(session, ip, int(port))
    print("ready")
    await server.serve_forever()


asyncio.run(main())
