"""Customers: each opens a connection, asks some times, waits for each answer only so long, and closes.

    customers.py --to IP:PORT --from IP --ports FIRST [--count N] [--rounds N] [--gap S] [--spacing S] [--patience S,S,…] [--ask WORD,WORD,…]

Customer i uses source port FIRST+i, starts i * spacing seconds after the first, and has the i-th patience and word (in turns). It prints how many
were served and how many lost their patience.
"""

import argparse
import asyncio
import time

from journal import note


def address(text):
    ip, port = text.rsplit(":", 1)
    return ip, int(port)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--to", type=address, required=True)
    parser.add_argument("--from", dest="source", required=True)
    parser.add_argument("--ports", type=int, required=True)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--gap", type=float, default=0.2)
    parser.add_argument("--spacing", type=float, default=0.05)
    parser.add_argument("--patience", type=lambda text: [float(part) for part in text.split(",")], default=[5.0])
    parser.add_argument("--ask", type=lambda text: text.split(","), default=["order"])
    return parser.parse_args()


async def customer(number, options):
    await asyncio.sleep(number * options.spacing)
    reader, writer = await asyncio.open_connection(*options.to, local_addr=(options.source, options.ports + number))
    word = options.ask[number % len(options.ask)]
    patience = options.patience[number % len(options.patience)]
    try:
        for round in range(options.rounds):
            if round > 0:
                await asyncio.sleep(options.gap)
            asked = time.time()
            writer.write(f"{word} {number}.{round}?\n".encode())
            answer = await asyncio.wait_for(reader.readline(), patience)
            if not answer:
                return False
            if round == 0:
                note("served")
        return True
    except asyncio.TimeoutError:
        note("gave up", asked=asked, patience=patience, word=word)
        return False
    except ConnectionError:
        return False
    finally:
        writer.close()


async def main():
    options = arguments()
    served = await asyncio.gather(*(customer(number, options) for number in range(options.count)))
    print(f"{sum(served)} served, {len(served) - sum(served)} not")


asyncio.run(main())
