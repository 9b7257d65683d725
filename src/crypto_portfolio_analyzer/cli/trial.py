"""What `stream test` does: each component at work for a while, measured, passed or not."""

import asyncio
import json
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from crypto_portfolio_analyzer.app import feeds_of
from crypto_portfolio_analyzer.cli.feeds import opened, priced
from crypto_portfolio_analyzer.cli.output import Output, safe
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.market import Ticker, Trade
from crypto_portfolio_analyzer.core.symbols import parse_symbol
from crypto_portfolio_analyzer.core.venues import EXCHANGES, Channel, Subscription
from crypto_portfolio_analyzer.errors import AnalyzerError
from crypto_portfolio_analyzer.metrics import Buckets
from crypto_portfolio_analyzer.settings import Settings
from crypto_portfolio_analyzer.streaming.addresses import Address, address_of
from crypto_portfolio_analyzer.streaming.bus import EventType, StreamEventBus
from crypto_portfolio_analyzer.streaming.manager import StreamManager
from crypto_portfolio_analyzer.streaming.portfolio import PortfolioMonitor
from crypto_portfolio_analyzer.streaming.streams import StreamConfig, StreamStatus

EVENTS = 1000
FIRST_WITHIN = 10.0
"""Seconds that a component may take beyond the test's own until its first price."""


@dataclass(slots=True)
class Trial:
    """How one component did: what was measured, and why it failed if it did."""

    name: str
    measured: dict[str, float | int | str | None] = field(default_factory=dict)
    failure: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the component did what it must."""
        return self.failure is None


Work = Callable[[Settings, Clock, float, Trial], Awaitable[None]]


async def examine(settings: Settings, clock: Clock, duration: float) -> list[Trial]:
    """Let every component work for `duration` seconds, all at the same time."""
    works: dict[str, Work] = {
        "event bus": _event_bus,
        "stream manager": _stream_manager,
        "price feed": _price_feed,
        "portfolio monitor": _portfolio_monitor,
        "websocket server": _websocket_server,
    }
    return await asyncio.gather(
        *(_tried(name, work, settings, clock, duration) for name, work in works.items())
    )


async def _tried(name: str, work: Work, settings: Settings, clock: Clock, duration: float) -> Trial:
    trial = Trial(name)
    try:
        async with asyncio.timeout(duration + FIRST_WITHIN):
            await work(settings, clock, duration, trial)
    except TimeoutError:
        trial.failure = trial.failure or f"nothing came within {duration + FIRST_WITHIN:.0f} s"
    except (AnalyzerError, aiohttp.ClientError, OSError) as error:
        trial.failure = " ".join(str(error).split("\n"))
    return trial


async def _event_bus(settings: Settings, clock: Clock, duration: float, trial: Trial) -> None:
    bus, heard, done = StreamEventBus(clock=clock), [], asyncio.Event()

    def hear(event: Any) -> None:
        heard.append(event.data["price"])
        if len(heard) == EVENTS:
            done.set()

    await bus.start()
    bus.subscribe("test", hear, event_types={EventType.PRICE_UPDATE})
    began = clock.monotonic()
    for number in range(EVENTS):
        await bus.publish_price_update("BTC", {"price": number})
    await done.wait()
    took = clock.monotonic() - began
    await bus.stop()
    trial.measured = {"events": EVENTS, "events_per_second": round(EVENTS / took)}
    if heard != list(range(EVENTS)):
        trial.failure = "events came out of order"


async def _stream_manager(settings: Settings, clock: Clock, duration: float, trial: Trial) -> None:
    exchange = EXCHANGES[settings.provider]()
    chosen = settings.exchange(settings.provider)
    base = address_of(EXCHANGES[settings.provider], {settings.provider: Address(chosen.ws_url)}).ws_url or ""
    symbols = [parse_symbol(text).canonical(exchange.default_quote) for text in settings.symbols]
    wanted = [Subscription(symbol, Channel.TICKER) for symbol in symbols]
    manager, came = StreamManager(clock=clock), asyncio.Event()
    manager.add_global_handler(lambda stream_id, message: came.set())
    await manager.start()
    began = clock.monotonic()
    await manager.add_stream(StreamConfig("test", exchange.url(base, wanted), list(settings.symbols)))
    try:
        while manager.get_stream_status("test") is not StreamStatus.CONNECTED:
            await clock.sleep(0.01)
        trial.measured["connected_ms"] = round((clock.monotonic() - began) * 1000, 1)
        for message in exchange.subscribe(wanted[exchange.in_url(wanted) :], 1):
            await manager.send_to_stream("test", message.text)
        await came.wait()
        await clock.sleep(max(0.0, duration - (clock.monotonic() - began)))
        metrics = manager.get_stream_metrics("test")
        trial.measured |= {"messages": metrics.messages_received, "reconnects": metrics.reconnection_count}
    finally:
        await manager.stop()


async def _price_feed(settings: Settings, clock: Clock, duration: float, trial: Trial) -> None:
    latency, counts = Buckets(), dict.fromkeys(settings.symbols, 0)
    async with opened(settings, clock) as feeds:
        feeds.add_handler(lambda update: counts.__setitem__(update.symbol, counts[update.symbol] + 1))
        detach = feeds.bus.attach(
            lambda fact: latency.observe(fact.received_at - fact.event_at), (Trade, Ticker)
        )
        missing = await priced(feeds, duration + FIRST_WITHIN - 1)
        await clock.sleep(duration)
        detach()
        sources = {watch.source for watch in feeds.watches()}
    trial.measured = {
        "updates": sum(counts.values()),
        "updates_per_second": round(sum(counts.values()) / max(duration, 0.001), 1),
        "latency_p50_ms": _milliseconds(latency.quantile(0.5)),
        "latency_p99_ms": _milliseconds(latency.quantile(0.99)),
        "source": ", ".join(sorted(filter(None, sources))),
    }
    silent = [watch.asked for watch in missing] or [text for text, count in counts.items() if not count]
    if silent:
        trial.failure = f"no price of {', '.join(silent)}"


async def _portfolio_monitor(settings: Settings, clock: Clock, duration: float, trial: Trial) -> None:
    changes: list[Any] = []
    feeds = feeds_of(settings, clock)
    monitor = PortfolioMonitor(feeds=feeds)
    for text in settings.symbols:
        monitor.add_holding(text, Decimal(1))
    monitor.add_value_change_handler(changes.append)
    await monitor.start_monitoring(settings.provider)
    try:
        while not (monitor.get_current_value().is_complete and changes):
            await clock.sleep(0.05)
        await clock.sleep(duration)
        value = monitor.get_current_value()
    finally:
        await monitor.stop_monitoring()
        await feeds.stop()
    trial.measured = {
        "changes": len(changes),
        "holdings": len(settings.symbols),
        "value": str(value.total_value),
    }


async def _websocket_server(settings: Settings, clock: Clock, duration: float, trial: Trial) -> None:
    from crypto_portfolio_analyzer.app import build
    from crypto_portfolio_analyzer.cli.serving import served

    with tempfile.TemporaryDirectory() as name:
        own = {"data_dir": Path(name), "database_url": f"sqlite+aiosqlite:///{name}/test.db"}
        here = settings.model_copy(
            update={**own, "host": "127.0.0.1", "port": 0, "tls_cert": None, "tls_key": None}
        )
        async with (
            served(build(here, clock=clock)) as server,
            aiohttp.ClientSession(trust_env=False) as session,
        ):
            async with session.get(f"{server.url}/status") as answer:
                trial.measured["status"] = answer.status
            async with session.ws_connect(f"{server.url}/ws") as socket:
                await _join(socket, settings, clock, duration, trial)


async def _join(socket: Any, settings: Settings, clock: Clock, duration: float, trial: Trial) -> None:
    await socket.send_json({"type": "join_room", "room": "prices"})
    began = clock.monotonic()
    seen: dict[str, int] = {}
    while (left := duration - (clock.monotonic() - began)) > 0 or set(seen) < set(settings.symbols):
        try:
            message = json.loads(await asyncio.wait_for(socket.receive_str(), max(left, 1.0)))
        except TimeoutError:
            continue
        if message["type"] == "price_update":
            trial.measured.setdefault("first_price_ms", round((clock.monotonic() - began) * 1000, 1))
            seen[message["data"]["symbol"]] = seen.get(message["data"]["symbol"], 0) + 1
    trial.measured |= {"price_updates": sum(seen.values()), "symbols": len(seen)}


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)


def show(output: Output, trials: Sequence[Trial]) -> None:
    """Print what each component measured, and whether all passed."""
    passed = sum(trial.passed for trial in trials)
    if output.as_json:
        shown = [
            {"name": each.name, "passed": each.passed, "measured": each.measured, "failure": each.failure}
            for each in trials
        ]
        output.document({"passed": passed == len(trials), "components": shown})
        return
    for trial in trials:
        mark = output.paint("✓", "good") if trial.passed else output.paint("✗", "bad")
        numbers = ", ".join(
            f"{key.replace('_', ' ')} {value}" for key, value in trial.measured.items() if value is not None
        )
        words = " · ".join(filter(None, (safe(trial.failure or ""), safe(numbers))))
        output.say(f"{mark} {trial.name:<18} {words}")
    output.say(f"{passed} of {len(trials)} components passed")
    output.note(
        "Next: crypto-analyzer stream monitor" if passed == len(trials) else "Next: crypto-analyzer doctor"
    )
