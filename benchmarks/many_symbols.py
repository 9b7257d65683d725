"""10,000 symbols live in one process, from a simulated Binance in another: age of a tick, pauses, memory.

The age runs from the venue's event time `E` (whole milliseconds, stamped when the simulator's turn begins) to the
call of an inline subscriber; both processes read the same clock. So the simulator's own turn is part of it, and is
told beside it, as is how much of the longest pause was work of ours and not of a neighbour.
usage: many_symbols.py [symbols] [seconds] [trades per second and symbol]
"""

import asyncio
import gc
import json
import os
import subprocess
import sys
import time
from array import array
from pathlib import Path
from typing import Any

import uvloop

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.bars import BarSeries
from crypto_portfolio_analyzer.core.market import Bar, Ticker, Trade
from crypto_portfolio_analyzer.simulation.server import VenueServer
from crypto_portfolio_analyzer.simulation.tape import Tape
from crypto_portfolio_analyzer.streaming import history
from crypto_portfolio_analyzer.streaming.addresses import Address
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager

HERE = Path(__file__).parent
SYMBOLS, SECONDS, RATE = 10_000, 45.0, 0.2
SETTLE = 10.0
MEASURED = 200
"""Symbols that are given a full history to weigh it."""
PAUSE_TICK = 0.002


def resident() -> int:
    """Return the bytes this process occupies in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def names(count: int) -> list[str]:
    """Return base assets."""
    return [f"Q{index:05d}" for index in range(count)]


async def venue(count: int, rate: float) -> None:
    """Simulate the venue; answer every line on stdin with what was sent so far."""
    clock = SystemClock()
    bases = names(count)
    tape = Tape(7, bases, start_at=clock.now(), history=60.0, rates=dict.fromkeys(bases, rate))
    server, turns = VenueServer("binance", tape, clock=clock), array("d")
    turn = server.turn

    async def timed() -> None:
        begin = time.perf_counter()
        await turn()
        turns.append(time.perf_counter() - begin)

    server.turn = timed  # type: ignore[method-assign]  # the pump asks the object
    async with server:
        print(server.port, flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            connections = (*server.connections.values(), *server.past)
            told = {
                "sent": sum(each.sent for each in connections),
                "violations": server.violations.total(),
                "broken": {str(each): count for each, count in server.violations.items()},
                "connections": len(server.connections),
                "cpu": time.process_time(),
                "turn": percentile(sorted(turns), 0.99),
                "longest": max(turns),
            }
            del turns[:]
            print(json.dumps(told), flush=True)


class Ear:
    """An inline subscriber that notes how old each tick is."""

    def __init__(self) -> None:
        self.ages = array("d")
        self.event_ms = 0

    def tap(self, _kind: object, _line: str, frame: bytes, _at: int) -> None:
        at = frame.find(b'"E":') + 4
        self.event_ms = int(frame[at : at + 13]) if at > 3 else 0

    def hear(self, _fact: object) -> None:
        if self.event_ms:
            self.ages.append(time.time_ns() / 1e6 - self.event_ms)


class Pauses:
    """The longest time for which the event loop answered nobody."""

    def __init__(self) -> None:
        self.longest = self.own = 0.0
        """Seconds of the longest pause, and of the longest that was our own work."""

    async def watch(self) -> None:
        while True:
            begin, worked = time.perf_counter(), time.process_time()
            await asyncio.sleep(PAUSE_TICK)
            self.own = max(self.own, time.process_time() - worked)
            self.longest = max(self.longest, time.perf_counter() - begin - PAUSE_TICK)


class Venue:
    """The simulator's process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._asking, self._told = process.stdin, process.stdout
        self.port = self._told.readline().strip()

    async def so_far(self) -> dict[str, Any]:
        """Return what it has sent."""
        self._asking.write("\n")
        self._asking.flush()
        told: dict[str, Any] = json.loads(await asyncio.to_thread(self._told.readline))
        return told


async def live(simulator: Venue, count: int, seconds: float) -> dict[str, Any]:
    """Want every symbol and measure while they flow."""
    history.MOST = 0
    address = Address(f"ws://127.0.0.1:{simulator.port}", f"http://127.0.0.1:{simulator.port}")
    feeds = PriceFeedManager(addresses={"binance": address})
    feeds.add_provider("binance", is_primary=True)
    gc.collect()
    before, began = resident(), time.perf_counter()
    for name in names(count):
        feeds.want(f"{name}/USDT")
    await feeds.start()
    ready, heard = 0.0, 0
    while heard < count and ready < 60:
        await asyncio.sleep(0.2)
        ready = time.perf_counter() - began
        heard = sum(bool(seat.heard_at) for seat in feeds.feeds["binance"].seats.values())
    await asyncio.sleep(SETTLE)
    occupied = resident() - before
    measured = await flowing(feeds, simulator, seconds)
    await feeds.stop()
    return {"ready": ready, "heard": heard, "per_1000": occupied / count * 1000, **measured}


async def flowing(feeds: PriceFeedManager, simulator: Venue, seconds: float) -> dict[str, Any]:
    """Measure for a while."""
    feed, ear, pauses = feeds.feeds["binance"], Ear(), Pauses()
    feed.taps.append(ear.tap)
    detach = feeds.bus.attach(ear.hear, (Trade, Ticker))
    watching = asyncio.get_running_loop().create_task(pauses.watch())
    first, frames = await simulator.so_far(), feed.plan.frames()
    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.sleep(seconds)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    frames, last = feed.plan.frames() - frames, await simulator.so_far()
    detach()
    feed.taps.clear()
    watching.cancel()
    return {
        "offered": (last["sent"] - first["sent"]) / wall,
        "taken": frames / wall,
        "ages": sorted(ear.ages),
        "pause": pauses.longest,
        "own_pause": pauses.own,
        "turn": last["turn"],
        "longest_turn": last["longest"],
        "cpu": cpu / wall,
        "venue_cpu": (last["cpu"] - first["cpu"]) / wall,
        "connections": last["connections"],
        "subscriptions": feed.plan.size,
        "violations": last["violations"],
        "broken": last["broken"],
        "reconnects": feed.plan.reconnects(),
        "rejects": feed.rejects.total(),
        "gaps": feed.gaps,
        "resident": resident(),
    }


def weighed() -> tuple[int, float]:
    """Return the minutes a full history holds, and its bytes for 1000 symbols; measured, in a process of its own."""
    minute, start = 60_000_000_000, 1_795_176_000_000_000_000
    gc.collect()
    before, kept = resident(), []
    for number in range(MEASURED):
        series = BarSeries(f"Q{number}/USDT", "1m")
        for index in range(series.bound):
            at = start + index * minute
            prices = [100.0 + index * 0.01] * 4
            series.append(
                Bar(
                    "binance", series.symbol, "1m", at, at + minute, *prices, 1.5, closed=True, received_at=at
                )
            )
        kept.append(series)
    gc.collect()
    return len(kept[0]), (resident() - before) / MEASURED * 1000


def percentile(ages: list[float], share: float) -> float:
    """Return the age below which `share` of the ticks lie."""
    return ages[min(len(ages) - 1, int(len(ages) * share))]


def show(count: int, seconds: float, told: dict[str, Any], full: tuple[int, float]) -> None:
    """Print the table."""
    ages, million = told["ages"], 1 << 20
    print(
        f"{count:,} symbols live for {seconds:.0f} s, trades and ticker, one process, one core; venue in another"
    )
    print(f"  first tick of {told['heard']:,} symbols after {told['ready']:.1f} s")
    print(f"  {'offered':22} {told['offered']:10,.0f} messages/s, taken {told['taken']:,.0f}")
    for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)):
        print(f"  {f'age of a tick {name}':22} {percentile(ages, share):10.1f} ms")
    print(
        f"  {'the venue, turn p99':22} {told['turn'] * 1000:10.1f} ms, longest {told['longest_turn'] * 1000:.1f} ms"
    )
    print(
        f"  {'longest pause':22} {told['pause'] * 1000:10.1f} ms, by work of ours {told['own_pause'] * 1000:.1f} ms"
    )
    print(f"  {'share of a core':22} {told['cpu']:10.0%}   (venue {told['venue_cpu']:.0%})")
    print(f"  {'connections':22} {told['connections']:10}   for {told['subscriptions']:,} subscriptions")
    for key in ("violations", "reconnects", "rejects", "gaps"):
        print(
            f"  {key:22} {told[key]:10}   {told['broken'] if key == 'violations' and told['broken'] else ''}"
        )
    print(f"  {'resident':22} {told['resident'] / million:10.0f} MB")
    print(f"  {'per 1000 symbols':22} {told['per_1000'] / million:10.1f} MB without history")
    minutes, size = full
    print(f"  {'':22} {size / million:10.1f} MB more with {minutes:,} minutes each")


def main() -> None:
    """Start the venue, watch it, print what was measured."""
    if sys.argv[1:2] == ["venue"]:
        os.sched_setaffinity(0, {0})
        asyncio.run(venue(int(sys.argv[2]), float(sys.argv[3])))
        return
    if sys.argv[1:2] == ["weigh"]:
        print(json.dumps(weighed()))
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else SYMBOLS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    rate = float(sys.argv[3]) if len(sys.argv) > 3 else RATE
    weighing = subprocess.run([sys.executable, __file__, "weigh"], capture_output=True, text=True, check=True)
    full = json.loads(weighing.stdout)
    command = [sys.executable, __file__, "venue", str(count), str(rate)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as simulator:
        os.sched_setaffinity(0, {1})
        told = uvloop.run(live(Venue(simulator), count, seconds))
        assert simulator.stdin is not None
        simulator.stdin.close()
    show(count, seconds, told, (full[0], full[1]))
    clean = told["heard"] == count and not (
        told["violations"] or told["reconnects"] or told["rejects"] or told["gaps"]
    )
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
