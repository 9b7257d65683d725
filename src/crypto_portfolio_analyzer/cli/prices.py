"""A watched symbol as a row of a table, a plain line and a JSON object: one place for all commands."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from crypto_portfolio_analyzer.api.schemas import decimal_or_none, decimal_text, iso
from crypto_portfolio_analyzer.cli.output import Column
from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.formats import UNKNOWN, Language, Precision
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.streaming.feeds import PriceFeedManager
from crypto_portfolio_analyzer.streaming.views import Latest, PriceKind, WatchState, WatchView

COLUMNS = (
    Column("SYMBOL"),
    Column("PRICE", ">"),
    Column("24H", ">", weight=8),
    Column("1H", ">", weight=2),
    Column("60 MIN", ">", weight=3),
    Column("VOL 24H", ">", weight=4),
    Column("SPREAD", ">", weight=1),
    Column("AGE", ">", weight=7),
    Column("NOTE", weight=6),
)
_NOTES = {
    WatchState.WAITING: "waiting for the first price",
    WatchState.STALE: "stale",
    WatchState.POLLED: "polled, no live stream",
    WatchState.FALLBACK: "fallback",
    WatchState.REFUSED: "refused",
}


@dataclass(frozen=True, slots=True)
class Priced:
    """A watched symbol with its newest price, if there is one."""

    watch: WatchView
    latest: Latest | None
    is_stale: bool
    age: float | None
    hour_ago: float | None
    minutes: tuple[float, ...]
    tick_size: float | None

    @property
    def change(self) -> float:
        """Return the change of 24 h in percent, 0 where it is unknown; for sorting."""
        return (self.latest.change_percent_24h if self.latest else None) or 0.0

    @property
    def turnover(self) -> float:
        """Return price times volume of 24 h, 0 where it is unknown; for sorting."""
        return (self.latest.volume_24h or 0.0) * self.latest.price if self.latest else 0.0

    def document(self) -> dict[str, Any]:
        """Return the JSON object: prices as decimal strings, instants in UTC."""
        latest = self.latest
        head = {"symbol": self.watch.asked, "market": self.watch.symbol, "state": str(self.watch.state)}
        if latest is None:
            return {**head, "price": None, "source": self.watch.source, "reason": self.watch.reason or None}
        return {
            **head,
            "price": decimal_text(latest.price),
            "bid": decimal_or_none(latest.bid),
            "ask": decimal_or_none(latest.ask),
            "change_24h": decimal_or_none(latest.change_24h),
            "change_percent_24h": decimal_or_none(latest.change_percent_24h),
            "volume_24h": decimal_or_none(latest.volume_24h),
            "event_at": iso(latest.event_at),
            "received_at": iso(latest.received_at),
            "source": latest.source,
            "kind": str(latest.kind),
            "age_seconds": None if self.age is None else round(self.age, 3),
            "stale": self.is_stale,
            "simulated": latest.simulated,
            "reason": self.watch.reason or None,
        }


def look(feeds: PriceFeedManager, now: int) -> list[Priced]:
    """Return every watched symbol as it is at `now` (ns)."""
    return [_priced(feeds, watch, now) for watch in feeds.watches()]


def _priced(feeds: PriceFeedManager, watch: WatchView, now: int) -> Priced:
    market = feeds.market
    latest = market.latest(watch.symbol)
    if latest is None:
        return Priced(watch, None, True, None, None, (), None)
    bars = market.bars(watch.symbol, "1m", start=now - 61 * MINUTE, limit=61)
    closes = [bar.close for bar in bars]
    hour_ago = closes[0] if bars and bars[0].open_at <= now - 59 * MINUTE else None
    instrument = market.instrument(watch.symbol)
    return Priced(
        watch,
        latest,
        market.is_stale(watch.symbol),
        max(0, now - latest.received_at) / 1e9,
        hour_ago,
        tuple(_thinned(closes, 8)),
        instrument.tick_size if instrument else None,
    )


def _thinned(values: list[float], points: int) -> list[float]:
    """Return the last value of each of `points` equal stretches."""
    if len(values) <= points:
        return values
    return [values[(index + 1) * len(values) // points - 1] for index in range(points)]


class Writer:
    """Writes rows and lines; a market's decimals stay the same while it shows them."""

    def __init__(self, language: Language = "en") -> None:
        self._language = language
        self._precision = Precision()

    def row(self, priced: Priced) -> list[str]:
        """Return the cells of `COLUMNS`."""
        latest, language = priced.latest, self._language
        if latest is None:
            return [priced.watch.symbol, UNKNOWN, *[""] * 6, note(priced)]
        hour = (latest.price / priced.hour_ago - 1) * 100 if priced.hour_ago else None
        spread = (latest.ask - latest.bid) / latest.ask * 100 if latest.bid and latest.ask else None
        return [
            priced.watch.symbol,
            self.price(priced, latest),
            formats.change(latest.change_percent_24h, language=language),
            formats.change(hour, 1, language=language),
            formats.sparkline(priced.minutes),
            formats.compact(priced.turnover or None, language=language),
            UNKNOWN if spread is None else formats.percent(max(0.0, spread), language=language),
            formats.age(priced.age, language=language),
            note(priced),
        ]

    def line(self, priced: Priced, now: int) -> str:
        """Return one plain line: when, what, how much, from where."""
        latest = priced.latest
        clock = self.clock(now)
        if latest is None:
            return f"{clock}  {priced.watch.symbol}  {UNKNOWN}  {note(priced)}"
        change = formats.change(latest.change_percent_24h, language=self._language)
        words = [clock, priced.watch.symbol, self.price(priced, latest), change, latest.source, note(priced)]
        return "  ".join(filter(None, words))

    @staticmethod
    def clock(now: int) -> str:
        """Return the time of day in UTC."""
        return formats.local(now, UTC).strftime("%H:%M:%S")

    def price(self, priced: Priced, latest: Latest) -> str:
        """Return the price with the market's own decimals."""
        digits = self._precision.of(latest.symbol, latest.price, priced.tick_size)
        return formats.price(latest.price, digits, language=self._language)


def note(priced: Priced) -> str:
    """Return what a person should know of this price: late, polled, simulated, from elsewhere."""
    words = [_NOTES.get(priced.watch.state, "")]
    if priced.watch.state is WatchState.FALLBACK:
        words = [f"fallback {priced.watch.source}"]
    elif priced.is_stale and priced.latest is not None and priced.watch.state is not WatchState.POLLED:
        words = ["stale"]
    if priced.latest is not None and priced.latest.kind is PriceKind.BACKFILLED:
        words.append("back-filled")
    if priced.watch.reason:
        words.append(priced.watch.reason)
    if priced.latest is not None and priced.latest.simulated:
        words.insert(0, "SIM")
    return ", ".join(filter(None, words))
