"""What the doors may know of the market and its feeds: frozen snapshots, made on request."""

from enum import StrEnum

from msgspec import Struct


class PriceKind(StrEnum):
    """How the latest price arrived."""

    LIVE = "live"
    POLLED = "polled"
    BACKFILLED = "backfilled"


class Latest(Struct, frozen=True, gc=False):
    """The newest known state of one symbol; statistics a venue does not tell are None.

    `source` is the venue the price came from, `volume_24h` in base units, instants in ns UTC.
    """

    symbol: str
    price: float
    source: str
    kind: PriceKind
    event_at: int
    received_at: int
    simulated: bool
    bid: float | None = None
    ask: float | None = None
    open_24h: float | None = None
    high_24h: float | None = None
    low_24h: float | None = None
    volume_24h: float | None = None
    change_24h: float | None = None
    change_percent_24h: float | None = None


class WatchState(StrEnum):
    """How one wanted symbol is served."""

    WAITING = "waiting"
    LIVE = "live"
    FALLBACK = "fallback"
    POLLED = "polled"
    STALE = "stale"
    REFUSED = "refused"


class WatchView(Struct, frozen=True, gc=False):
    """One wanted symbol: as asked, which market serves it now and why; `reason` is a sentence for people."""

    asked: str
    symbol: str
    source: str | None
    state: WatchState
    wishes: int
    age_seconds: float | None
    expected_interval: float | None
    reason: str = ""


class FeedView(Struct, frozen=True, gc=False):
    """Health of one venue's feed; `latency_ms` is the median age of facts on arrival."""

    venue: str
    label: str
    status: str
    simulated: bool
    connections: int
    subscriptions: int
    facts: int
    rejects: dict[str, int]
    reconnects: int
    gaps: int
    gaps_open: int
    backfilled: int
    latency_ms: float | None
    age_seconds: float | None
    last_error: str | None = None
