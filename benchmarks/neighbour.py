"""How long a quiet user waits while another one floods, with rates and without; and what counting costs a request.

usage: neighbour.py [seconds]     the house has a core of its own; flood and quiet user come from two addresses
"""

import asyncio
import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from crypto_portfolio_analyzer.api.rates import Rates
from tests.api.house import open_house

PATH = "/api/silences"
FLOODERS = 32
EVERY = 0.1
FREE = {"requests_per_minute": 10**7, "address_requests_per_minute": 10**7}
BOUND = {"requests_per_minute": 600, "address_requests_per_minute": 3000}
"""The defaults: the quiet user, ten times a second, is just within them."""


def serve(told: Connection, rates: dict[str, Any]) -> None:
    """Run a house until the process is ended."""
    os.sched_setaffinity(0, {0})

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_house(Path(folder), **rates) as house:
                told.send((house.server.port, await house.login("quiet"), await house.login("loud")))
                await asyncio.get_running_loop().create_future()

    asyncio.run(main())


async def connected(port: int, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect from one of this machine's addresses."""
    return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), family=socket.AF_INET)


def request(token: str) -> bytes:
    return f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> int:
    """Ask once on a connection; return the status."""
    writer.write(sent)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1])


async def flood(port: int, token: str, statuses: dict[int, int]) -> None:
    """Ask as fast as answers come."""
    pair, sent = await connected(port, "127.0.0.2"), request(token)
    while True:
        status = await ask(*pair, sent)
        statuses[status] = statuses.get(status, 0) + 1


async def quiet(port: int, token: str, seconds: float) -> list[float]:
    """Ask at an even pace; return how long each answer took (s)."""
    pair, sent, took = await connected(port, "127.0.0.1"), request(token), []
    start = time.perf_counter()
    for number in range(int(seconds / EVERY)):
        await asyncio.sleep(max(0.0, start + number * EVERY - time.perf_counter()))
        asked = time.perf_counter()
        assert await ask(*pair, sent) == 200
        took.append(time.perf_counter() - asked)
    return took


async def round_of(
    port: int, tokens: tuple[str, str], seconds: float
) -> tuple[list[float], list[float], dict[int, int]]:
    """Measure the quiet user alone, then beside the flood."""
    alone = await quiet(port, tokens[0], seconds)
    statuses: dict[int, int] = {}
    tasks = [asyncio.create_task(flood(port, tokens[1], statuses)) for _ in range(FLOODERS)]
    beside = await quiet(port, tokens[0], seconds)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return alone, beside, statuses


def p99(took: list[float]) -> float:
    return statistics.quantiles(took, n=100)[98] * 1e3


async def cost() -> float:
    """Return what counting one request twice costs, in µs."""
    rates = Rates(per_address=10**9, per_user=10**9)
    count = 20_000
    start = time.perf_counter()
    for _ in range(count):
        await rates.hit("address", "192.0.2.1")
        await rates.hit("user", "anna")
    return (time.perf_counter() - start) / count * 1e6


def measure(name: str, rates: dict[str, int], seconds: float) -> None:
    """Print one line for a house with such rates."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there, rates), daemon=True)
    process.start()
    port, *tokens = here.recv()
    alone, beside, statuses = asyncio.run(round_of(port, (tokens[0], tokens[1]), seconds))
    process.terminate()
    process.join()
    told = ", ".join(f"{count / seconds:.0f}/s {status}" for status, count in sorted(statuses.items()))
    print(
        f"{name:13} p50 {statistics.median(alone) * 1e3:6.2f} ms, beside the flood "
        f"{statistics.median(beside) * 1e3:6.2f} ms; p99 {p99(alone):6.2f} ms, beside it {p99(beside):6.2f} ms, "
        f"{p99(beside) / p99(alone):.1f} times; the flood got {told}"
    )


if __name__ == "__main__":
    lasting = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    os.sched_setaffinity(0, {1})
    print(f"counting costs a request {asyncio.run(cost()):.1f} µs (address and user, in memory)")
    measure("rates", BOUND, lasting)
    measure("without", FREE, lasting)
