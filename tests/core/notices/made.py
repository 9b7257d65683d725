"""Works made for tests of messages: firings of real conditions, with evidence as the judge gives it."""

from typing import Any

from crypto_portfolio_analyzer.core.alerts import Alert, Cause, Evidence, Firing, Leaf, Operand, Severity
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.notices.notification import (
    Channel,
    Content,
    Delivery,
    Kind,
    Work,
    delivery_id,
)
from crypto_portfolio_analyzer.core.notices.wording import compose

AT = 1_795_183_387 * 10**9
"""2026-11-20 14:03:07 UTC."""
MILLISECOND = 10**6

CROSSING = Leaf(
    "price crosses above 65000",
    True,
    Operand("price", 65012.4, 64987.1),
    Operand("65000", 65000.0, 65000.0),
    12.4,
)
RSI = Leaf("rsi(14) on 1h > 70", True, Operand("rsi(14) on 1h", 71.2, 69.0), Operand("70", 70.0, 70.0), 1.2)
FALL = Leaf(
    "price falls by 5% in 15m", True, Operand("at the start", 150.0), Operand("price", 142.1, 142.6), -0.3
)


def channel(**options):
    return Channel(id="chan1", owner="ada", type="telegram", name="phone", options=options)


def alert(condition="price crosses above 65000", **changes):
    values: dict[str, Any] = {
        "name": "BTC breakout",
        "symbols": ("BTC/USDT",),
        "severity": Severity.CRITICAL,
        "revision": 3,
    }
    spelling = read_condition(condition, changes.get("timeframe", "1m")).spelling
    return Alert(id="a1f3", number=1, owner="ada", condition=spelling, **values | changes)


def firing(of, *leaves, price=65012.4, **changes):
    symbol = changes.get("symbol", of.symbols[0])
    sides = [
        side
        for leaf in leaves
        for side in (leaf.left, leaf.right)
        if side and side.text != "at the start" and not side.text[0].isdigit()
    ]
    evidence = Evidence(
        f"{symbol}: {of.condition}",
        leaves,
        {side.text: side.value for side in sides},
        {side.text: side.before for side in sides},
        "binance",
        bar_open_at=changes.pop("bar_open_at", None),
    )
    values = {
        "id": "9f2c41abcdefghijklmnopqrst",
        "symbol": symbol,
        "event_at": AT,
        "received_at": AT + 18 * MILLISECOND,
        "detected_at": AT + 23 * MILLISECOND,
        "stored_at": AT + 25 * MILLISECOND,
        "cause": Cause.LIVE,
    }
    return Firing(
        alert_id=of.id, revision=of.revision, key="1", price=price, evidence=evidence, **values | changes
    )


def work(of_firing=None, of_alert=None, *, kind=Kind.FIRING, content=None):
    name = of_firing.id if of_firing else "other"
    delivery = Delivery(
        id=delivery_id(name, "chan1"),
        number=1,
        owner="ada",
        channel_id="chan1",
        kind=kind,
        firing_id=of_firing.id if of_firing else None,
        content=content,
    )
    return Work(delivery=delivery, firing=of_firing, alert=of_alert)


def crossing(**changes):
    """Return the work of a price crossing; `changes` are of the alert."""
    of = alert(**changes)
    return work(firing(of, CROSSING), of)


def overbought():
    of = alert("rsi(14) on 1h > 70", severity=Severity.WARNING, name="Overbought")
    return work(firing(of, RSI), of)


def falls(count, **changes):
    """Return the works of a market-wide move."""
    bases = ("SOL", "AVAX", "LINK", "ADA", "DOGE", "XRP", "DOT", "UNI", "LTC", "BCH", "ATOM", "NEAR")
    works = []
    for number in range(count):
        symbol = f"{bases[number % len(bases)]}/USDT"
        of = alert("price falls by 5% in 15m", name="Crash", symbols=(symbol,), severity=Severity.WARNING)
        start = 150.0 + number / 7
        leaf = Leaf(FALL.text, True, Operand("at the start", start), Operand("price", 142.1, 142.6), -0.3)
        moved = firing(
            of, leaf, price=142.1, id=f"fall{number:04}", event_at=AT + number * 1_500 * MILLISECOND
        )
        works.append(work(moved, of))
    return works


def told(*works, options=None, **changes):
    """Return the message of works by a phone whose options are `options`."""
    values = {"at": AT + 10**9, "attempt": 1, "is_repeat": False, "simulated": False}
    return compose(works, channel(**options or {}), **values | changes)


def notice(title="Webhook “desk” was switched off", text="It answered 410.", kind=Kind.NOTICE):
    return work(kind=kind, content=Content(title=title, text=text, severity=Severity.WARNING))
