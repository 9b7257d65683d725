"""What tests of trading bots begin with: messages that are orders, made just now."""

from typing import Any

from msgspec.structs import replace

from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.notices.notification import Content, Kind, Notification
from tests.channels.sending import channel
from tests.core.notices.made import CROSSING, alert, firing, told, work

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLwDkIWhXT0xPYWZl"


def order(
    kind: str,
    options: dict[str, object],
    *,
    tags: tuple[str, ...] = ("buy",),
    symbol: str = "BTC/USDT",
    price: float = 65012.4,
    number: int = 1,
    age: float = 0.0,
    **changes: Any,
) -> Notification:
    """Return the message of a firing of `age` seconds ago, by an alert with tags, for a channel of a type."""
    of = alert(symbols=(symbol,), tags=tags)
    at = SystemClock().now() - int(age * 1e9)
    fired = firing(of, CROSSING, price=price, symbol=symbol, id=f"firing{number:020}", event_at=at)
    return _for(told(work(fired, of)), kind, options, **changes)


def signal(kind: str, options: dict[str, object], **data: object) -> Notification:
    """Return the message of somebody else's signal that came just now."""
    came = work(kind=Kind.INBOUND, content=Content(title="signal", data=data))
    came = replace(came, delivery=replace(came.delivery, created_at=SystemClock().now()))
    return _for(told(came), kind, options)


def test_message(kind: str, options: dict[str, object]) -> Notification:
    """Return the message of a test."""
    return _for(told(work(kind=Kind.TEST, content=Content(title="test"))), kind, options)


def _for(message: Notification, kind: str, options: dict[str, object], **changes: Any) -> Notification:
    return replace(message, channel=channel(kind, options), **changes)


test_message.__test__ = False  # type: ignore[attr-defined]  # a message, not a test
