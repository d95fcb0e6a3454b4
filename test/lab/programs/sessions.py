"""A host of the registry: keeps sessions open and pings; one more than it has comes back again and again, as it is refused each time.

    sessions.py --from IP --ports FIRST --sessions N [--more RECONNECTS] [--retry S] [--seconds S] IP:PORT
"""

import argparse
import asyncio

parser = argparse.ArgumentParser()
parser.add_argument("--from", dest="source", required=True)
parser.add_argument("--ports", type=int, required=True)
parser.add_argument("--sessions", type=int, required=True)
parser.add_argument("--more", type=int, default=0)
parser.add_argument("--retry", type=float, default=0.15)
parser.add_argument("--ping", type=float, default=4)
parser.add_argument("--seconds", type=float, required=True)
parser.add_argument("registry")
options = parser.parse_args()
ip, registry_port = options.registry.rsplit(":", 1)


async def connect(number):
    return await asyncio.open_connection(ip, int(registry_port), local_addr=(options.source, options.ports + number))


async def hold(number):
    await asyncio.sleep(number * 0.02)
    reader, writer = await connect(number)
    while True:
        writer.write(b"ruok\n")
        if not await reader.readline():
            raise SystemExit("a session was refused")
        await asyncio.sleep(options.ping)


async def main():
    for number in range(options.sessions):
        asyncio.create_task(hold(number))
    held = asyncio.create_task(asyncio.sleep(options.seconds))
    await asyncio.sleep(options.sessions * 0.02 + 0.5)
    for number in range(options.more):
        reader, writer = await connect(options.sessions + number)
        await reader.read()
        writer.close()
        await asyncio.sleep(options.retry)
    print("tried")
    await held


asyncio.run(main())
