"""What resources look like outside: decimal strings for prices, ISO 8601 `Z` for instants."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST = 2**63 - 1
"""The year 2262, in ns."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def iso(at: int) -> str:
    """Write an instant (ns UTC) as ISO 8601 with milliseconds and `Z`."""
    return (
        (EPOCH + timedelta(microseconds=at // 1000)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def instant(at: datetime) -> int:
    """Return an aware datetime as ns UTC, exactly."""
    return (at - EPOCH) // timedelta(microseconds=1) * 1000


def given_instant(at: datetime | None) -> int | None:
    """Return what somebody wrote as ns UTC, within 64 bits; a zone-less time is UTC."""
    if at is None:
        return None
    return max(-_FARTHEST, min(_FARTHEST, instant(at if at.tzinfo else at.replace(tzinfo=UTC))))


def decimal_text(value: float) -> str:
    """Write a number with the fewest digits that read back as the same float, never with an exponent."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def finite_text(value: float) -> str | None:
    """Write a number that may be unknown as NaN."""
    return decimal_text(value) if isfinite(value) else None


def decimal_or_none(value: float | None) -> str | None:
    """Write a number that may be unknown."""
    return None if value is None else decimal_text(value)


def _written(value: object) -> object:
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE.match(value)):
        return value
    message = "is no instant; write it like 2026-01-31T12:00:00Z"
    raise ValueError(message)


Instant = Annotated[datetime, Field(strict=False), BeforeValidator(_written)]
"""An instant somebody writes, as ISO 8601; a number could mean seconds or milliseconds, and is refused."""


class Asked(BaseModel):
    """What somebody sends: nothing in it that is not declared, every value of its own type, numbers to count with."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)


class MarketView(BaseModel):
    """The newest known state of one symbol, with its age; statistics a venue does not tell are null."""

    symbol: str = Field(description="spelled as asked")
    market: str = Field(description="the market that answered, in canonical spelling", examples=["BTC/USDT"])
    price: str = Field(examples=["65012.4"])
    bid: str | None
    ask: str | None
    change_24h: str | None
    change_percent_24h: str | None = Field(description="percent points")
    volume_24h: str | None = Field(description="base units")
    high_24h: str | None
    low_24h: str | None
    event_at: str = Field(description="the venue's instant")
    received_at: str = Field(description="our instant")
    source: str
    kind: str = Field(description="live, polled or backfilled")
    age_seconds: float
    stale: bool
    simulated: bool
    tick_size: str | None


class BarView(BaseModel):
    """One bar of `[open_at, open_at + timeframe)`."""

    open_at: str
    open: str
    high: str
    low: str
    close: str
    volume: str
    closed: bool
    kind: str = Field(description="live, backfilled, approximated or empty")


class BarsView(BaseModel):
    """Bars, oldest first; the last may still be forming."""

    symbol: str
    market: str
    timeframe: str
    source: str
    simulated: bool
    bars: list[BarView]


class SymbolView(BaseModel):
    """One symbol that is watched, or that can be."""

    symbol: str = Field(description="canonical", examples=["BTC/USDT"])
    asked: str = Field(description="spelled as asked")
    watched: bool
    tick_size: str | None
    expected_interval: float | None = Field(description="seconds between ticks in the symbol's own rhythm")
    source: str | None
    state: str | None = Field(description="waiting, live, fallback, polled, stale or refused")
    reason: str = ""
    closes: list[float] = Field(default=[], description="up to 48 closes of the last 24 h, oldest first")


class SymbolsView(BaseModel):
    """A page of symbols."""

    symbols: list[SymbolView]
    next_cursor: str | None = None


class PingView(BaseModel):
    """One thing the process needs, and whether it is well."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""
    needed: bool = Field(default=True, description="without it the process is not ready")


class ReadyView(BaseModel):
    """Whether the process can serve."""

    status: str = Field(description="ready or unready")
    pings: list[PingView]


class HealthView(BaseModel):
    """The process lives."""

    status: str = "ok"
    version: str


class FeedStatus(BaseModel):
    """Health of one venue's feed."""

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
    last_error: str | None


class StatusView(BaseModel):
    """The server at a glance."""

    status: str = Field(description="ok or degraded")
    verdict: str = Field(description="one sentence: all well, or the worst fact")
    connected_clients: int
    rooms: dict[str, int]
    uptime: float = Field(description="seconds")
    streams: dict[str, dict[str, object]]
    feeds: list[FeedStatus]
    watches: dict[str, int] = Field(description="symbols by state")
    simulated: bool
    version: str
    started_at: str
    server_time: str
