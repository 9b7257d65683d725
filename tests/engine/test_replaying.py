"""Alerts over recordings: armed before the first frame, judged as live, and the same every time."""

from pathlib import Path

import pytest

from crypto_portfolio_analyzer.core.alerts import AlertDraft, Trigger
from crypto_portfolio_analyzer.core.market import Bar, Trade
from crypto_portfolio_analyzer.engine.replaying import ReplayedAlerts
from crypto_portfolio_analyzer.errors import InvalidFields
from crypto_portfolio_analyzer.streaming.bus import StreamEventBus
from crypto_portfolio_analyzer.streaming.replay import replay

CAPTURE = "ws/binance/spot_2021-04-04_BTC-ETH-DOT.cf1.gz"


def draft(name: str, condition: str, *symbols: str, **fields: object) -> AlertDraft:
    how = {"trigger": Trigger.EVERY_TIME, "cooldown": 0} | fields
    return AlertDraft(name=name, condition=condition, symbols=symbols, **how)  # type: ignore[arg-type]  # as each test has it


async def heard(path: Path) -> tuple[list[Trade], list[Bar]]:
    """Return the trades and closed bars of a capture in the order in which the live path tells them."""
    trades: list[Trade] = []
    bars: list[Bar] = []
    bus = StreamEventBus()
    bus.attach(trades.append, (Trade,))
    bus.attach(lambda bar: bars.append(bar) if bar.closed else None, (Bar,))
    await replay([path], bus=bus)
    return trades, bars


async def watched(path: Path, *drafts: AlertDraft) -> ReplayedAlerts:
    alerts = ReplayedAlerts(drafts, "binance")
    await replay([path], exchange="binance", listener=alerts)
    alerts.finish()
    return alerts


def crossings(trades: list[Trade], level: float) -> list[tuple[int, float]]:
    """Return instant and price of each trade that crosses above a level; equality keeps the side."""
    side, found = 0, []
    for each in trades:
        now = (each.price > level) - (each.price < level)
        if now > 0 > side:
            found.append((each.event_at, each.price))
        side = now or side
    return found


async def test_a_recorded_capture_fires_where_a_scan_of_its_trades_finds_it(recorded_data: Path):
    path = recorded_data / CAPTURE
    trades, _ = await heard(path)
    found = {
        (symbol, level): crossings(own, level)
        for symbol in {each.symbol for each in trades}
        for own in [[each for each in trades if each.symbol == symbol]]
        for level in {each.price for each in own}
    }
    (symbol, level), expected = max(found.items(), key=lambda item: len(item[1]))
    assert len(expected) > 2, "the capture crosses some level more than once"

    alerts = await watched(path, draft("level", f"price crosses above {level!r}", symbol))

    assert [(each.firing.event_at, each.firing.price) for each in alerts.firings] == expected
    assert {(each.name, each.firing.symbol, each.firing.late) for each in alerts.firings} == {
        ("level", symbol, False)
    }


async def test_a_replay_fires_the_same_every_time(recorded_data: Path):
    drafts = [draft("any", "price moves by 0.1% in 1m", "*"), draft("bars", "close > open", "BTC")]

    once, again = [await watched(recorded_data / CAPTURE, *drafts) for _ in range(2)]

    assert once.firings == again.firings
    assert {each.name for each in once.firings} <= {"any", "bars"}


async def test_an_alert_over_every_symbol_watches_each_that_comes(recorded_data: Path):
    path = recorded_data / CAPTURE
    trades, _ = await heard(path)

    alerts = await watched(path, draft("all", "price > 0", "*", trigger=Trigger.ONCE))

    assert sorted(each.firing.symbol for each in alerts.firings) == sorted({each.symbol for each in trades})
    first = {each.symbol: each for each in reversed(trades)}
    assert all(each.firing.event_at == first[each.firing.symbol].event_at for each in alerts.firings)


async def test_what_is_paused_is_silent_and_what_only_the_server_knows_is_refused(recorded_data: Path):
    path = recorded_data / CAPTURE

    assert (await watched(path, draft("off", "price > 0", "*", enabled=False))).firings == []
    with pytest.raises(InvalidFields, match="majors: watchlist: is kept by the server"):
        await watched(path, draft("majors", "price > 0", watchlist="majors"))
