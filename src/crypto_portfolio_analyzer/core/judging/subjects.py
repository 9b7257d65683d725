"""Subjects: the newest state of each symbol, the tick series that are read from it, and who waits for what."""

from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING

from crypto_portfolio_analyzer.core.judging.columns import Columns
from crypto_portfolio_analyzer.core.judging.sleepers import Sleepers
from crypto_portfolio_analyzer.core.judging.thresholds import Thresholds
from crypto_portfolio_analyzer.core.judging.timers import Timers
from crypto_portfolio_analyzer.core.market import Arrival, Quote, Ticker, Trade
from crypto_portfolio_analyzer.core.series.catalog import SERIES, UNKNOWN, Argument, TickState

if TYPE_CHECKING:
    from crypto_portfolio_analyzer.core.judging.case import Case

BOOK_SERIES = frozenset(("bid", "ask", "mid", "spread", "spread_bps"))
"""Tick series that only the best bid and ask can tell."""

SeriesKey = tuple[str, str, tuple[Argument, ...]]


class TickSeries:
    """One tick series of one subject, and the cases that wait for it to reach a boundary."""

    __slots__ = (
        "before", "by_time", "changed", "key", "read", "sleepers", "subject", "thresholds", "users", "value",
    )  # fmt: skip

    def __init__(self, subject: "Subject", key: SeriesKey, read: Callable[[TickState, int], float]) -> None:
        self.subject, self.key, self.read = subject, key, read
        self.by_time = SERIES[key[0]].by_time
        self.value = self.before = UNKNOWN
        self.changed = 0
        """The number of the last instant at which the value became another."""
        self.users = 0
        self.thresholds: Thresholds[Case] = Thresholds()
        self.sleepers = Sleepers()

    def update(self, value: float, instant: int) -> bool:
        """Take the next value; tell whether it is another one."""
        self.before = self.value
        if value == self.value or (value != value and self.value != self.value):  # noqa: PLR0124  # NaN
            return False
        self.value, self.changed = value, instant
        return True


class Hole:
    """Facts that may be missing: the id that must come next if none is, and whether so far none was."""

    __slots__ = ("_next_id", "is_whole")

    def __init__(self, last: Trade | None) -> None:
        self._next_id = None if last is None or last.trade_id is None else last.trade_id + 1
        self.is_whole = True

    def passes(self, trade: Trade) -> bool:
        """Take the next trade; tell whether the hole is over with it, because it came with the stream."""
        if trade.trade_id is None or trade.trade_id != self._next_id:
            self.is_whole = False
        self._next_id = None if trade.trade_id is None else trade.trade_id + 1
        return trade.arrival is Arrival.LIVE


class Subject:
    """One symbol: its newest state, and everything that is to be judged when it changes.

    Its newest trade, and the interval in which a new price flips nothing, are its row in `columns`; the interval is
    empty while every fact matters.
    """

    __slots__ = (
        "_synced", "cases", "closed_at", "closers", "columns", "dwelling", "gap", "is_lost", "last_close",
        "number", "others", "price", "restless", "series", "state", "symbol", "timers",
    )  # fmt: skip

    def __init__(self, symbol: str, columns: Columns) -> None:
        self.symbol, self.columns = symbol, columns
        self.number = columns.add(symbol)
        self.state = TickState()
        self._synced: Trade | None = None
        self.timers = Timers()
        """What is due in event time."""
        self.series: dict[SeriesKey, TickSeries] = {}
        self.price: TickSeries | None = None
        self.others: list[TickSeries] = []
        """The tick series besides the price: read anew with every fact."""
        self.cases: dict[str, Case] = {}
        self.restless: dict[Case, None] = {}
        """Cases that want to hear of every fact."""
        self.dwelling: dict[Case, None] = {}
        """Cases that stay true, and may fire again in the next bar or minute."""
        self.closers: dict[str, dict[Case, None]] = {}
        """Cases by the timeframe whose closes they wait for."""
        self.closed_at: dict[str, int] = {}
        """The end of the last closed bar, by timeframe."""
        self.last_close: float | None = None
        """What the last closed bar ended with, for those who hear of bars only."""
        self.is_lost = False
        """Whether no venue covers it."""
        self.gap: Hole | None = None

    def want(self, key: SeriesKey) -> TickSeries:
        """Return a tick series, made if nobody else wants it yet."""
        series = self.series.get(key)
        if series is None:
            read = SERIES[key[0]].read
            assert read is not None, f"{key[0]} is no tick series"
            series = self.series[key] = TickSeries(self, key, read)
            self.sync()
            series.value = series.before = read(self.state, self.state.heard_at)
            if key[0] == "price":
                self.price = series
            else:
                self.others.append(series)
        series.users += 1
        return series

    def release(self, series: TickSeries) -> None:
        """Take one wish back; a series nobody wants is no longer read."""
        series.users -= 1
        if series.users:
            return
        del self.series[series.key]
        if series is self.price:
            self.price = None
        else:
            self.others.remove(series)

    def bound(self) -> None:
        """Find the interval in which a new price flips nothing, and the instant until which no timer is due."""
        low, high = self._quiet()
        number, columns = self.number, self.columns
        columns.low[number], columns.high[number] = low, high
        columns.due[number] = self.timers.next_due

    def _quiet(self) -> tuple[float, float]:
        if self.restless or self.dwelling or self.others or self.is_lost or self.gap is not None:
            return inf, -inf
        if self.price is None:
            return -inf, inf
        low, high = self.price.thresholds.around(self.price.value)
        lower, upper = self.price.sleepers.around(self.price.value)
        return max(low, lower), min(high, upper)

    @property
    def last(self) -> Trade | None:
        """The newest trade in order."""
        return self.columns.last[self.number]

    def sync(self) -> None:
        """Bring the state up to the newest trade: the hot path keeps nothing but the trade itself."""
        trade = self.last
        if trade is None or trade is self._synced:
            return
        self.take_trade(trade)
        if self.price is not None:
            self.price.value = trade.price

    def take_trade(self, trade: Trade) -> None:
        """Write the newest trade into the state; the price's series is still to be told."""
        self.columns.last[self.number] = self._synced = trade
        self.take_price(trade.price, trade.venue, trade.event_at, trade.received_at)
        self.hear(trade.received_at)

    @property
    def is_idle(self) -> bool:
        """Whether nobody asks anything of it."""
        return not (self.cases or self.closers or self.series or self.restless)

    def hear(self, received_at: int) -> None:
        """Note that something came."""
        state = self.state
        state.heard_at = max(state.heard_at, received_at)
        state.sources = max(state.sources, 1)

    def take_price(self, price: float, venue: str, event_at: int, received_at: int) -> None:
        """Take a price that is not a trade's own: a ticker's, or one on a bar's path."""
        state = self.state
        state.price, state.venue, state.event_at, state.received_at = price, venue, event_at, received_at

    def take_ticker(self, ticker: Ticker) -> None:
        """Write 24 h statistics into the state; the price only if no trade is newer."""
        state, last = self.state, self.last
        for name in ("bid", "ask", "open_24h", "high_24h", "low_24h", "volume_24h"):
            value = getattr(ticker, name)
            if value is not None:
                setattr(state, name, value)
        if last is None or (ticker.event_at > last.event_at and not _includes(last, ticker)):
            self.take_price(ticker.price, ticker.venue, ticker.event_at, ticker.received_at)
        self.hear(ticker.received_at)

    def take_quote(self, quote: Quote) -> None:
        """Write the best bid and ask into the state."""
        self.state.bid, self.state.ask = quote.bid, quote.ask
        self.hear(quote.received_at)

    def forget(self) -> None:
        """Let every tick series be unknown: another venue's values are to come."""
        self.sync()
        self.state = TickState(heard_at=self.state.heard_at, sources=self.state.sources)
        self.columns.last[self.number] = self._synced = None
        for series in self.series.values():
            series.value = series.before = UNKNOWN
            series.sleepers.forget()


def _includes(last: Trade, ticker: Ticker) -> bool:
    """Tell whether the newest trade is as new as the statistics."""
    number = ticker.last_trade_id
    return number is not None and last.trade_id is not None and last.trade_id >= number
