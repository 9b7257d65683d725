"""Types of channels that play a part: they answer as told, and remember what they were sent and when."""

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar

from crypto_portfolio_analyzer.channels.kinds import PEOPLE_SCHEDULE, Accepted, Rate
from crypto_portfolio_analyzer.clock import Clock
from crypto_portfolio_analyzer.core.alerts import Alert, Cause, Evidence, Firing, Severity
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification

WEBHOOK_SCHEDULE = (5.0, 30.0, 120.0, 600.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0)

Answer = Callable[[Notification], Accepted | None]
"""Says how a send goes: nothing or Accepted is well; raises DeliveryFailed."""


class Receipt:
    """One message as it arrived."""

    def __init__(self, notification: Notification, at: int) -> None:
        self.at = at
        self.fired_at = notification.works[0].delivery.created_at
        self.channel = notification.channel.id
        self.ids = [work.delivery.id for work in notification.works]
        self.firings = [work.delivery.firing_id or "" for work in notification.works]
        self.notification = notification


class Medium:
    """A type that answers as its `answer` says, after `seconds` of the clock."""

    name: ClassVar[str] = "chat"
    label: ClassVar[str] = "Chat"
    about: ClassVar[str] = "A chat of the tests."
    options: ClassVar[tuple[()]] = ()
    for_people: ClassVar[bool] = True
    ordered: ClassVar[bool] = True
    parallel: ClassVar[int] = 1
    schedule: ClassVar[tuple[float, ...]] = PEOPLE_SCHEDULE
    timeout: ClassVar[float] = 10.0
    is_ready = ""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.receipts: list[Receipt] = []
        self.tries: list[Receipt] = []
        """All that was begun, whatever the answer."""
        self.answer: Answer = lambda _: None
        self.seconds = 0.0
        self.flying = 0
        self.most_flying = 0
        self.limits: Sequence[Rate] = ()
        self.codes: list[str] = []
        self.proves_at_once = False

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        return dict(given)

    def shown(self, options: Mapping[str, object]) -> dict[str, object]:
        return {name: "•••" if name == "secret" else value for name, value in options.items()}

    def revealed(self, options: Mapping[str, object]) -> str | None:
        return str(options["secret"]) if "secret" in options else None

    def needs_proof(self, options: Mapping[str, object]) -> bool:
        return True

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        return None

    def lane(self, channel: Channel, symbol: str) -> str:
        return f"{self.name}:{channel.options.get('to', channel.id)}"

    def rates(self, channel: Channel) -> Sequence[Rate]:
        return self.limits

    async def prove(self, channel: Channel, challenge: str) -> bool:
        self.codes.append(challenge)
        return self.proves_at_once

    async def send(self, notification: Notification) -> Accepted:
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        receipt = Receipt(notification, self.clock.now())
        self.tries.append(receipt)
        try:
            if self.seconds:
                await self.clock.sleep(self.seconds)
            accepted = self.answer(notification) or Accepted(reference=str(len(self.tries)))
        finally:
            self.flying -= 1
        self.receipts.append(receipt)
        return accepted

    async def start(self) -> None:
        """Open nothing."""

    async def stop(self) -> None:
        """Close nothing."""


class Hook(Medium):
    """A webhook: for programs, four at once, 76 hours of patience."""

    name: ClassVar[str] = "hook"
    label: ClassVar[str] = "Hook"
    for_people: ClassVar[bool] = False
    ordered: ClassVar[bool] = False
    parallel: ClassVar[int] = 4
    schedule: ClassVar[tuple[float, ...]] = WEBHOOK_SCHEDULE
    timeout: ClassVar[float] = 15.0

    def check(self, given: Mapping[str, object]) -> dict[str, object]:
        return {"secret": f"made-{len(given)}-{id(given)}", **given}


class Mail(Medium):
    """E-mail: for people, patient."""

    name: ClassVar[str] = "mail"
    label: ClassVar[str] = "Mail"
    ordered: ClassVar[bool] = False
    parallel: ClassVar[int] = 4
    schedule: ClassVar[tuple[float, ...]] = (60.0, 300.0, 1800.0, 7200.0, 21600.0, 43200.0, 86400.0)
    timeout: ClassVar[float] = 30.0


class Trade(Medium):
    """A trading bot: what is a minute old is worth nothing, one order at a time for each pair."""

    name: ClassVar[str] = "trade"
    label: ClassVar[str] = "Trade"
    for_people: ClassVar[bool] = False
    ordered: ClassVar[bool] = False
    schedule: ClassVar[tuple[float, ...]] = (1.0, 2.0, 4.0, 8.0)

    def policy_ttl(self, options: Mapping[str, object]) -> float | None:
        ttl = options.get("ttl_seconds", 60)
        return float(ttl) if isinstance(ttl, int | float) else None

    def lane(self, channel: Channel, symbol: str) -> str:
        return f"trade:{channel.id}:{symbol}"


_numbers = count(1)


def channel_of(kind: str = "chat", owner: str = "anna", name: str = "", **changes: Any) -> Channel:
    """Return a proved channel; what is no field of a channel is an option."""
    number = next(_numbers)
    fields = {field: changes.pop(field) for field in list(changes) if field in Channel.__struct_fields__}
    return Channel(
        id=f"c{number}",
        owner=owner,
        type=kind,
        name=name or f"channel {number}",
        options=dict(changes),
        **{"verified_at": 1, **fields},
    )


def alert_of(owner: str = "anna", severity: Severity = Severity.INFO, **changes: Any) -> Alert:
    """Return an alert."""
    number = next(_numbers)
    fields = {"symbols": ("BTC/USDT",), "condition": "price > 100", "name": f"alert {number}", **changes}
    return Alert(id=f"a{number}", number=number, owner=owner, severity=severity, **fields)


def firing_of(alert: Alert, at: int, symbol: str = "BTC/USDT") -> Firing:
    """Return a firing on time, stored at once."""
    values = {"price": 101.5}
    evidence = Evidence(alert.condition, (), values, {"price": 99.0}, "binance")
    return Firing(
        id=f"f{next(_numbers):025}",
        alert_id=alert.id,
        revision=1,
        symbol=symbol,
        key="1",
        price=101.5,
        event_at=at,
        received_at=at,
        detected_at=at,
        stored_at=at,
        cause=Cause.LIVE,
        evidence=evidence,
    )
