"""Socket → decoded → ordered, gated, covered → 1m bar → bus with one inline subscriber, against cryptofeed.

The figure is frames per CPU-second of the receiving process: a slow sender then neither flatters nor hurts.
usage: socket_path.py [rounds]        (PEER_PYTHON names an interpreter with cryptofeed)
"""

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

FRAMES = 262_144
SYMBOLS = (1_000, 10_000)
HERE = Path(__file__).parent


def hear(_trade: object) -> None:
    """Take a trade and do nothing with it."""


async def ours(port: int, count: int, attach: Any = None) -> dict[str, float]:
    """Receive the stream through the live path, as a venue's feed does; `attach(market, bus)` subscribes."""
    from crypto_portfolio_analyzer.clock import SystemClock
    from crypto_portfolio_analyzer.core.market import Trade
    from crypto_portfolio_analyzer.core.venues import Channel, Subscription
    from crypto_portfolio_analyzer.exchanges.binance import Binance
    from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
    from crypto_portfolio_analyzer.streaming.market import Market
    from crypto_portfolio_analyzer.streaming.rest import RestClient
    from crypto_portfolio_analyzer.streaming.transport import TRANSPORTS
    from crypto_portfolio_analyzer.streaming.venue import VenueFeed

    sys.path.insert(0, str(HERE))
    from frames import Walk, symbols

    clock, bus = SystemClock(), StreamEventBus()
    market, exchange = Market(clock=clock, bus=bus), Binance()
    feed = VenueFeed(
        exchange, clock=clock, market=market, bus=bus, rest=RestClient("", exchange.limits, clock)
    )
    for name in symbols(count):
        symbol = f"{name[:-4]}/USDT"
        feed.subscribe([Subscription(symbol, Channel.TRADES)])
        feed.seats[symbol].entry = market.entry(symbol)
        market.entry(symbol).serve("binance")
    line = feed.plan.detached("bench")
    if attach is None:
        bus.attach(hear, (Trade,))
    else:
        attach(market, bus)
    transport, take = TRANSPORTS["picows"](), feed.reader(line)
    for frame in Walk(symbols(count)).first_trades():
        take(frame)  # the state that a feed is in after its first second: a steady stream is measured
    warm = feed.counts()["trade"]
    gc.collect()
    gc.freeze()
    wall, cpu = time.perf_counter(), time.process_time()
    connection = await transport.connect(f"ws://127.0.0.1:{port}/", take, headers={}, timeout=10, clock=clock)
    await connection.wait_closed()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    bars = sum(len(market.entry(symbol).rolls.minutes) for symbol in market.symbols())
    count = feed.counts()["trade"] - warm
    return {"count": count, "wall": wall, "cpu": cpu, "rejects": feed.rejects.total(), "bars": bars}


def sent(count: int) -> tuple[subprocess.Popen[str], str]:
    """Start a sender; return it and its port."""
    sender = subprocess.Popen(
        [sys.executable, HERE / "blast.py", str(FRAMES), str(count)], stdout=subprocess.PIPE, text=True
    )
    assert sender.stdout is not None
    return sender, sender.stdout.readline().strip()


def receive(side: str, count: int) -> dict[str, float]:
    """Start a sender, then a receiver of one side; return what it measured."""
    sender, port = sent(count)
    if side == "cryptofeed":
        command = [os.environ["PEER_PYTHON"], str(HERE / "peer.py"), "socket", port, str(count)]
    else:
        command = [sys.executable, __file__, "receive", port, str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sender.wait()
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    result: dict[str, float] = json.loads(done.stdout)
    assert result["count"] == FRAMES, result
    return result


def main() -> None:
    """Interleave the sides and print medians and the ratio."""
    if sys.argv[1:2] == ["receive"]:
        import uvloop

        os.sched_setaffinity(0, {1})
        print(json.dumps(uvloop.run(ours(int(sys.argv[2]), int(sys.argv[3])))))
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(
        f"socket path: {FRAMES:,} aggTrade frames, {rounds} interleaved rounds, frames per CPU-second of the receiver"
    )
    for count in SYMBOLS:
        compare(count, rounds)


def compare(count: int, rounds: int) -> None:
    """Measure both sides with `count` symbols, in turn."""
    rates: dict[str, list[float]] = {"cryptofeed": [], "ours": []}
    for _ in range(rounds):
        for side, found in rates.items():
            found.append(FRAMES / receive(side, count)["cpu"])
    ratios = [mine / theirs for mine, theirs in zip(rates["ours"], rates["cryptofeed"], strict=True)]
    print(f"  {count:,} symbols, each as likely as any other")
    for side, found in rates.items():
        median = statistics.median(found)
        print(f"    {side:12} {median:12,.0f} a second   {1e9 / median:8,.0f} ns a frame")
    print(
        f"    ratio {statistics.median(ratios):.2f} (pairs {min(ratios):.2f} to {max(ratios):.2f}); aim 4, floor 3"
    )


if __name__ == "__main__":
    main()
