"""Claimed deliveries and what is known of their channel, for tests of the stages."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import Channel, Content, Delivery, Kind, Work
from crypto_portfolio_analyzer.engine.delivery.sifting import Context
from tests.engine.delivery.media import alert_of, channel_of, firing_of
from tests.fakes import NOON

SECOND = 10**9


def work(
    number: int = 1,
    *,
    severity: Severity = Severity.INFO,
    symbol: str = "BTC/USDT",
    ago: float = 0.0,
    owner: str = "anna",
    **changes: Any,
) -> Work:
    """Return a claimed delivery of a firing `ago` seconds before noon."""
    alert = alert_of(owner, severity)
    firing = firing_of(alert, NOON - int(ago * SECOND), symbol)
    values = {"id": f"d{number}", "created_at": firing.stored_at, "due_at": firing.stored_at, **changes}
    delivery = Delivery(number=number, owner=owner, channel_id="c", firing_id=firing.id, claim="me", **values)
    return Work(delivery=delivery, firing=firing, alert=alert)


def other(kind: Kind, number: int = 1, **content: Any) -> Work:
    """Return a claimed delivery about no firing."""
    told = Content(title=str(kind), **content)
    delivery = Delivery(
        id=f"{kind}{number}",
        number=number,
        owner="anna",
        channel_id="c",
        kind=kind,
        content=told,
        created_at=NOON,
    )
    return Work(delivery=delivery)


def works(count: int, **changes: Any) -> list[Work]:
    """Return some deliveries alike."""
    return [work(number + 1, **changes) for number in range(count)]


def context(channel: Channel | None = None, **changes: Any) -> Context:
    """Return what is known of a chat at noon."""
    known = Context(
        now=NOON, channel=channel or channel_of(), for_people=True, ttl=None, lane=lambda _: "lane"
    )
    return replace(known, **changes)


def ids(some: Sequence[Work]) -> list[str]:
    return [each.delivery.id for each in some]


def reasons(sifted) -> list[str]:
    return [each.reason for each in sifted.ruled]
