"""What stages look at and what they decide; nothing here waits or remembers."""

from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct, field

from crypto_portfolio_analyzer.core.alerts import Severity, Silence
from crypto_portfolio_analyzer.core.notices.notification import MAX_AGE, Channel, DeliveryState, Kind, Work

QUIET = "quiet hours"
FLOOD = "gathered: many at once"
DIGEST = "digest: "
"""How the reason of a digest that is to be tried again begins."""


class Context(Struct, frozen=True, kw_only=True):
    """What is known of one channel at the moment its claimed deliveries are judged."""

    now: int
    channel: Channel
    for_people: bool
    ttl: float | None
    """Seconds that a firing is worth something here; None for what can be told late."""
    lane: Callable[[Work], str]
    """What shares order and fate."""
    waiting: int = 0
    """Deliveries of the channel that are due, claimed or not."""
    silences: Sequence[Silence] = ()
    sent: Mapping[str, Sequence[int]] = {}
    """When the latest messages of each lane went out."""
    critical: Mapping[str, int] = {}
    """When a critical firing of each symbol was last told on this channel."""
    told: Mapping[tuple[str, str], str] = {}
    """The delivery by which a firing was first told on a lane."""


class Ruling(Struct, frozen=True):
    """A delivery that does not go out now: held until `due_at`, or final."""

    work: Work
    state: DeliveryState
    reason: str
    due_at: int | None = None


class Sifted(Struct):
    """What goes on to the next stage, and what does not."""

    on: list[Work] = field(default_factory=list)
    ruled: list[Ruling] = field(default_factory=list)


Stage = Callable[[Sequence[Work], Context], Sifted]


def sift(works: Sequence[Work], rule: Callable[[Work], Ruling | None]) -> Sifted:
    """Put each delivery to a rule; those without a ruling go on."""
    sifted = Sifted()
    for work in works:
        ruling = rule(work)
        if ruling is None:
            sifted.on.append(work)
        else:
            sifted.ruled.append(ruling)
    return sifted


def held(work: Work, reason: str, until: int) -> Ruling:
    """Return that a delivery waits."""
    return Ruling(work, DeliveryState.QUEUED, reason, until)


def suppressed(work: Work, reason: str) -> Ruling:
    """Return that a delivery is not told, on purpose."""
    return Ruling(work, DeliveryState.SUPPRESSED, reason)


def severity_of(work: Work) -> Severity:
    """Return how much a delivery matters."""
    if work.alert is not None:
        return work.alert.severity
    return work.delivery.content.severity if work.delivery.content is not None else Severity.INFO


def symbol_of(work: Work) -> str:
    """Return the symbol of a delivery about a firing, or of a signal that names one; else nothing."""
    if work.firing is not None:
        return work.firing.symbol
    content = work.delivery.content
    symbol = content.data.get("symbol") if content is not None else None
    return symbol if isinstance(symbol, str) else ""


def is_news(work: Work) -> bool:
    """Tell whether a delivery is about the market: those are held, gathered and silenced; tests and notices never."""
    return work.delivery.kind in (Kind.FIRING, Kind.INBOUND)


def was_held(work: Work) -> bool:
    """Tell whether a delivery waits to be gathered with others."""
    reason = work.delivery.reason
    return reason in (QUIET, FLOOD) or reason.startswith(DIGEST)


def begun_at(work: Work) -> int:
    """Return when that of which a delivery tells has happened."""
    return work.firing.event_at if work.firing is not None else work.delivery.created_at


def expiry(work: Work, ttl: float | None) -> int | None:
    """Return when an order is worth nothing any more; None for what can be told late."""
    if ttl is None:
        return None
    stored = work.delivery.expires_at
    return begun_at(work) + round(ttl * 10**9) if stored is None else stored


def is_old(work: Work, now: int) -> bool:
    """Tell whether a delivery is worth telling only together with others."""
    stored = work.delivery.expires_at
    return now >= (begun_at(work) + MAX_AGE if stored is None else stored)
