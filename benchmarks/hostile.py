"""1,000,000 malformed and hostile frames with valid ones between them, from a socket through the live path.

Promised: no crash, no reconnect, every hostile frame counted by its reason, every valid one processed.
usage: hostile.py [hostile frames] [seed]
"""

import asyncio
import gc
import os
import random
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import uvloop
from blast import answer
from frames import Walk, symbols

from crypto_portfolio_analyzer.core.market import Trade
from crypto_portfolio_analyzer.simulation.mangles import garbage
from crypto_portfolio_analyzer.streaming import history
from crypto_portfolio_analyzer.streaming.addresses import Address
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

HERE = Path(__file__).parent
HOSTILE, SYMBOLS, POOL = 1_000_000, 100, 20_000
VALID_EVERY = 10
"""One valid frame comes after so many hostile ones."""
TEXT, BINARY = 0x81, 0x82


def framed(payload: bytes, head: int = TEXT) -> bytes:
    """Return an unmasked frame (RFC 6455, 5.2)."""
    size = len(payload)
    if size < 126:
        return bytes((head, size)) + payload
    if size < 1 << 16:
        return struct.pack(">BBH", head, 126, size) + payload
    return struct.pack(">BBQ", head, 127, size) + payload


def pool(seed: int) -> list[bytes]:
    """Return hostile frames as they go over the wire: damaged copies of valid ones, nonsense, and broken text."""
    dice = random.Random(seed)
    walk = Walk(symbols(SYMBOLS), seed)
    models = [*walk.aggregate_trades(200), *walk.book_tickers(200)]
    made = [framed(garbage(dice, dice.choice(models))) for _ in range(POOL)]
    for _ in range(POOL // 20):
        broken = bytes(dice.choices((0xC0, 0xFE, 0xFF), k=3))  # no UTF-8, where it will be read
        made.append(framed(dice.choice(models).replace(b'"s":"', b'"s":"' + broken)))
        made.append(framed(dice.randbytes(dice.randrange(200)), BINARY))
    dice.shuffle(made)
    return made


def send(count: int, seed: int) -> None:
    """Serve one client: hostile frames in random order, valid trades between them, then wait for it to go."""
    hostile, dice = pool(seed), random.Random(seed + 1)
    valid = Walk(symbols(SYMBOLS)).aggregate_trades(count // VALID_EVERY)
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    client, _ = server.accept()
    while not answer(client):  # a question by REST
        client, _ = server.accept()
    for begin in range(0, count, 1000):
        block: list[bytes] = []
        for _ in range(min(1000, count - begin) // VALID_EVERY):
            block += dice.choices(hostile, k=VALID_EVERY)
            block.append(framed(next(valid)))
        client.sendall(b"".join(block))
    client.settimeout(60)
    try:
        while client.recv(4096):
            pass
    except OSError:
        pass


def resident() -> int:
    """Return the bytes this process occupies in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def receive(port: int, count: int) -> dict[str, Any]:
    """Watch all symbols of the sender and wait until every frame came."""
    history.MOST = 0
    failed: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(context))
    address = Address(f"ws://127.0.0.1:{port}", f"http://127.0.0.1:{port}")
    feeds = PriceFeedManager(addresses={"binance": address})
    feeds.add_provider("binance", is_primary=True)
    feed, trades = feeds.feeds["binance"], Counter[str]()
    feeds.bus.attach(lambda trade: trades.update((trade.symbol,)), (Trade,))
    for name in symbols(SYMBOLS):
        feeds.want(f"{name[:-4]}/USDT")
    await feeds.start()
    while feed.plan.frames() < 10_000:  # noqa: ASYNC110  # nothing may be added to the path that is measured
        await asyncio.sleep(0.01)
    gc.collect()
    first, before, wall, cpu = feed.plan.frames(), resident(), time.perf_counter(), time.process_time()
    expected = count + count // VALID_EVERY
    most, quiet, last = before, 0, first
    while feed.plan.frames() < expected and quiet < 40:
        await asyncio.sleep(0.25)
        quiet = quiet + 1 if feed.plan.frames() == last else 0
        last, most = feed.plan.frames(), max(most, resident())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    result = {
        "frames": feed.plan.frames(),
        "trades": trades.total(),
        "symbols": len(trades),
        "rejects": dict(feed.rejects),
        "facts": dict(feed.facts),
        "gaps": feed.gaps,
        "reconnects": feed.plan.reconnects(),
        "failed": [str(context.get("exception") or context.get("message")) for context in failed],
        "per_second": (feed.plan.frames() - first) / wall,
        "per_cpu_second": (feed.plan.frames() - first) / cpu,
        "grown": resident() - before,
        "most": most - before,
    }
    await feeds.stop()
    return result


def show(count: int, told: dict[str, Any]) -> bool:
    """Print the table; tell whether every promise was kept."""
    valid, rejected, million = count // VALID_EVERY, sum(told["rejects"].values()), 1 << 20
    print(f"{count:,} hostile frames, {valid:,} valid ones between them, {SYMBOLS} symbols")
    print(f"  {'crashes':22} {len(told['failed']):12,}   {'; '.join(told['failed'])[:200]}")
    print(f"  {'reconnects':22} {told['reconnects']:12,}")
    print(f"  {'hostile, counted':22} {rejected:12,}   of {count:,}")
    for reason, number in sorted(told["rejects"].items(), key=lambda each: -each[1]):
        print(f"  {'  ' + reason:22} {number:12,}")
    print(f"  {'valid, processed':22} {told['trades']:12,}   of {valid:,}, {told['gaps']} gaps")
    print(f"  {'frames':22} {told['per_second']:12,.0f} a second, {told['per_cpu_second']:,.0f} a CPU-second")
    print(
        f"  {'memory grown':22} {told['grown'] / million:12.1f} MB, at most {told['most'] / million:.1f} MB"
    )
    whole = rejected == count and told["trades"] == valid
    return whole and not (told["failed"] or told["reconnects"] or told["gaps"])


def main() -> None:
    """Start the sender, receive, print what came."""
    if sys.argv[1:2] == ["send"]:
        os.sched_setaffinity(0, {0})
        send(int(sys.argv[2]), int(sys.argv[3]))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else HOSTILE
    seed = sys.argv[2] if len(sys.argv) > 2 else "7"
    count -= count % 1000
    command = [sys.executable, __file__, "send", str(count), seed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sender:
        assert sender.stdout is not None
        port = int(sender.stdout.readline())
        os.sched_setaffinity(0, {1})
        told = uvloop.run(receive(port, count))
    sys.exit(0 if show(count, told) else 1)


if __name__ == "__main__":
    main()
