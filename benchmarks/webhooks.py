"""Signed webhooks to a receiver on the loopback, beside a bare aiohttp POST loop: deliveries a second of one core.

usage: webhooks.py [deliveries]     the receiver has the other core; both loops send the same bytes, `parallel` at once
"""

import asyncio
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from ipaddress import ip_network
from multiprocessing.connection import Connection

import aiohttp
import msgspec

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import World
from crypto_portfolio_analyzer.channels.webhook import WebhookChannel
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import Channel, Delivery, Kind, Notification, Work
from crypto_portfolio_analyzer.simulation.receivers import Receiver

ROUNDS = 5
DATA = {
    "symbol": "BTC/USDT",
    "price": "65012.4",
    "condition": "price crosses above 65000",
    "why": ["x" * 60] * 10,
}


def receive(told: Connection) -> None:
    """Run a receiver on the second core until the process is ended."""
    os.sched_setaffinity(0, {1})

    async def main() -> None:
        async with Receiver() as receiver:
            told.send(receiver.port)
            await asyncio.get_running_loop().create_future()

    asyncio.run(main())


def notification(channel: Channel) -> Notification:
    work = Work(delivery=Delivery(id="firing_channel", number=1, owner="ada", channel_id=channel.id))
    return Notification(
        key="msg_firing_channel",
        kind=Kind.FIRING,
        channel=channel,
        works=(work,),
        type="alert.fired",
        at=0,
        attempt=1,
        severity=Severity.INFO,
        headline="BTC/USDT",
        data=DATA,
    )


async def rate(send: Callable[[], Awaitable[object]], count: int, parallel: int) -> float:
    """Return how many sends a second come about, so many at once."""

    async def some() -> None:
        for _ in range(count // parallel):
            await send()

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(parallel):
            group.create_task(some())
    return count / (time.perf_counter() - begin)


async def measure(port: int, count: int) -> None:
    url = f"http://127.0.0.1:{port}/hook"
    kind = WebhookChannel(World(clock=SystemClock(), guard=Guard((ip_network("127.0.0.0/8"),))))
    options = kind.check({"url": url})
    message = notification(Channel(id="channel", owner="ada", type="webhook", name="w", options=options))
    body = msgspec.json.encode({"type": "alert.fired", "timestamp": "1970-01-01T00:00:00.000Z", "data": DATA})

    async with aiohttp.ClientSession() as session:

        async def bare() -> None:
            async with session.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
                assert response.status == 204

        async def ours() -> None:
            await kind.send(message)

        for parallel in (1, 4, 50):
            rates: dict[str, list[float]] = {"bare": [], "ours": []}
            for _ in range(ROUNDS):
                rates["bare"].append(await rate(bare, count, parallel))
                rates["ours"].append(await rate(ours, count, parallel))
            shares = [mine / other for mine, other in zip(rates["ours"], rates["bare"], strict=True)]
            told, plain = statistics.median(rates["ours"]), statistics.median(rates["bare"])
            share = statistics.median(shares)
            print(
                f"{parallel:3} at once: signed {told:7,.0f}/s   bare aiohttp {plain:7,.0f}/s   ratio {share:.2f}"
            )
    await kind.stop()


def main() -> None:
    """Print deliveries a second at several degrees of parallelism."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    mine, theirs = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive, args=(theirs,), daemon=True)
    receiver.start()
    os.sched_setaffinity(0, {0})
    asyncio.run(measure(mine.recv(), count))
    receiver.kill()


if __name__ == "__main__":
    main()
