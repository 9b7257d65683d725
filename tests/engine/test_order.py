"""Order: what happens to frames on the way within the reorder window changes no firing."""

import asyncio
import json
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import AlertDraft, Firing, Rearm, Trigger
from crypto_portfolio_analyzer.core.market import Gap
from crypto_portfolio_analyzer.core.ordering import REORDER_WINDOW
from crypto_portfolio_analyzer.engine.replaying import ReplayedAlerts
from crypto_portfolio_analyzer.exchanges.recordings import Record, RecordKind
from crypto_portfolio_analyzer.streaming.replay import Replay
from tests.fakes import NOON

MS = 10**6
LATENCY = 20 * MS
"""How long (ns) every frame is on its way when nothing holds it up."""
MOST = REORDER_WINDOW // MS - 1
"""Milliseconds by which a frame may come later than that."""
START = NOON - 30_000 * MS
"""Half a minute before noon: the first bar is one whose start nobody saw."""
SYMBOLS = ("BTC", "ETH")


class Print(NamedTuple):
    """One trade of a tape: ms since the one before it on either symbol, price steps, and how its frame fares."""

    symbol: str
    wait: int
    step: int
    delay: int = 0
    doubled: int | None = None
    """Milliseconds after which the frame comes again."""


class Wire(NamedTuple):
    """A frame at the instant it comes."""

    at: int
    frame: bytes


def conditions() -> list[AlertDraft]:
    """Return alerts of every kind that asks one symbol: levels, edges, spans, bars, triggers, rests."""
    asked: dict[str, dict[str, object]] = {
        "price > 101": {},
        "price < 99 or price > 103": {"cooldown": 5_000 * MS},
        "price crosses 100": {"rearm": Rearm(percent=1.0)},
        "price crosses below 99.5": {"trigger": Trigger.ONCE},
        "price enters 99..101": {"max_triggers": 3},
        "price rises by 1% in 5s": {},
        "price >= 100 for 2s": {},
        "price < 101 for 2 bars": {},
        "price crosses above 100 then price < 100 within 10s": {},
        "(price crosses above 101 within 3s) and price < 101": {},
        "price > 99 ": {"trigger": Trigger.ONCE_PER_MINUTE},
        "price > 100": {"trigger": Trigger.ONCE_PER_BAR},
        "close > open": {"trigger": Trigger.ONCE_PER_BAR_CLOSE},
        "close crosses above sma(2)": {},
        "rsi(2) > 55": {},
        "volume > 3 and price > close": {},
        "highest(high, 2) - lowest(low, 2) > 2": {},
    }
    plain: dict[str, object] = {"trigger": Trigger.EVERY_TIME, "cooldown": 0}
    return [
        AlertDraft(name=text, condition=text, symbols=SYMBOLS, **(plain | fields))  # type: ignore[arg-type]  # as above
        for text, fields in asked.items()
    ]


def tape_of(prints: Sequence[Print], *, is_shuffled: bool) -> list[Wire]:
    """Return the frames of a tape in the order in which they come.

    The first trade of each symbol is never held up: with it the numbering begins.
    """
    at, found = START, []
    numbers, prices = dict.fromkeys(SYMBOLS, 1000), dict.fromkeys(SYMBOLS, 100.0)
    for each in [*(Print(symbol, 300, 0) for symbol in SYMBOLS), *prints]:
        at += each.wait * MS
        numbers[each.symbol] += 1
        prices[each.symbol] = max(90.0, prices[each.symbol] + each.step / 4)
        frame = _frame(each.symbol, numbers[each.symbol], prices[each.symbol], at)
        comes_at = at + LATENCY + (each.delay * MS if is_shuffled else 0)
        found.append(Wire(comes_at, frame))
        if is_shuffled and each.doubled is not None:
            found.append(Wire(comes_at + each.doubled * MS, frame))
    return sorted(found, key=lambda wire: wire.at)


def _frame(base: str, number: int, price: float, at: int) -> bytes:
    told = {
        "e": "aggTrade", "E": at // MS, "s": f"{base}USDT", "a": number, "p": f"{price:.8f}", "q": "1.50000000",
        "f": number, "l": number, "T": at // MS, "m": number % 2 == 0, "M": True,
    }  # fmt: skip
    return json.dumps(told).encode()


async def fired(wires: Sequence[Wire], until: int) -> tuple[list[Firing], int]:
    """Return what fires on frames in the order they come, but for when it came; and how many gaps there were."""
    alerts = ReplayedAlerts(conditions(), "binance")
    gaps: list[Gap] = []
    running = Replay("binance", listener=alerts)
    running.bus.attach(gaps.append, (Gap,))
    for wire in wires:
        running.feed(Record(RecordKind.RECEIVED, wire.at, "a", wire.frame))
        await asyncio.sleep(0)
    running.feed(Record(RecordKind.SENT, until, "a"))  # time goes on
    running.finish()
    alerts.finish()
    plain = [replace(each.firing, received_at=0, detected_at=0) for each in alerts.firings]
    return sorted(plain, key=lambda each: (each.event_at, int(each.alert_id), each.symbol, each.key)), len(
        gaps
    )


def check(prints: Sequence[Print]) -> list[Firing]:
    """Assert that a tape fires the same however its frames come; return what it fires."""
    until = tape_of(prints, is_shuffled=True)[-1].at + 10_000 * MS
    straight, no_gaps = asyncio.run(fired(tape_of(prints, is_shuffled=False), until))
    shuffled, still_none = asyncio.run(fired(tape_of(prints, is_shuffled=True), until))
    assert shuffled == straight
    assert (no_gaps, still_none) == (0, 0)
    assert not any(each.late for each in straight)
    return straight


prints = st.lists(
    st.builds(
        Print,
        symbol=st.sampled_from(SYMBOLS),
        wait=st.sampled_from([0, 0, 1, 10, 50, 100, 249, 250, 400, 1000, 2000, 3000, 30_000, 61_000]),
        step=st.integers(-6, 6),
        delay=st.integers(0, MOST),
        doubled=st.none() | st.sampled_from([0, 1, 200, 5000, 70_000]),
    ),
    max_size=80,
)


@settings(max_examples=60, deadline=None)
@given(prints)
def test_any_order_inside_the_window_and_doubles_change_nothing(prints):
    check(prints)


def market(seed: int, count: int) -> list[Print]:
    """Return a tape of so many trades in bursts; all are delayed by chance, every twentieth comes twice."""
    chance = Random(seed)
    waits = [*range(0, 120, 7), 250, 500, 3000, 20_000]
    return [
        Print(
            chance.choice(SYMBOLS),
            chance.choice(waits),
            chance.choice((-3, -1, -1, 0, 1, 1, 3)),
            chance.randint(0, MOST),
            chance.choice((0, 30, 240, 9000)) if chance.random() < 0.05 else None,
        )
        for _ in range(count)
    ]


def test_a_busy_market_with_five_in_a_hundred_doubled_fires_the_same():
    prints = market(7, 1500)
    straight, shuffled = (tape_of(prints, is_shuffled=each) for each in (False, True))
    places = {wire.frame: place for place, wire in enumerate(straight)}
    order = [places[wire.frame] for wire in shuffled]

    told = check(prints)

    assert 1.03 < len(shuffled) / len(straight) < 1.07
    assert sum(later < earlier for earlier, later in pairwise(order)) > len(prints) // 4
    assert {each.alert_id for each in told} == {str(number) for number in range(len(conditions()))}
    assert len({each.id for each in told}) == len(told)
