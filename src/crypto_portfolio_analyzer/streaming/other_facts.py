"""What becomes of the facts that are no trades: statistics, quotes, bars, books, and what a venue says of itself."""

import logging
from collections.abc import Callable, Mapping

from crypto_portfolio_analyzer.core.market import (
    Bar,
    BookDelta,
    BookSnapshot,
    Control,
    ControlKind,
    Fact,
    Other,
    Quote,
    Reject,
    Ticker,
)
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.streaming.lines import Line
from crypto_portfolio_analyzer.streaming.ordered_books import OrderedBooks
from crypto_portfolio_analyzer.streaming.ports import FeedPort

logger = logging.getLogger(__name__)


class OtherFacts:
    """Hands a venue's other facts to the market and the bus; `by_type` says who takes which."""

    def __init__(self, feed: FeedPort, books: OrderedBooks) -> None:
        self._feed, self.books = feed, books
        self.by_type: Mapping[type[Fact], Callable[[Line, Fact], None]] = {
            Ticker: self._ticker,  # type: ignore[dict-item]  # keyed by the type it takes
            Quote: self._quote,  # type: ignore[dict-item]
            Bar: self._bar,  # type: ignore[dict-item]
            BookSnapshot: self._book,  # type: ignore[dict-item]
            BookDelta: self._book,  # type: ignore[dict-item]
            Control: self._control,  # type: ignore[dict-item]
            Other: self._other,  # type: ignore[dict-item]
            Reject: self._reject,  # type: ignore[dict-item]
        }

    def _ticker(self, line: Line, ticker: Ticker) -> None:
        feed = self._feed
        seat = feed.seats.get(ticker.symbol)
        if seat is None:
            return
        feed.facts["ticker"] += 1
        line.heard(Subscription(ticker.symbol, Channel.TICKER))
        seat.ticker_at = ticker.received_at
        seat.latency = ticker.received_at - ticker.event_at
        feed.latency.observe(seat.latency)
        seat.price = ticker.price
        if seat.entry is not None:
            seat.entry.ticker(ticker)
            feed.bus.emit(ticker)

    def _quote(self, line: Line, quote: Quote) -> None:
        seat = self._feed.seats.get(quote.symbol)
        if seat is None:
            return
        self._feed.facts["quote"] += 1
        line.heard(Subscription(quote.symbol, Channel.QUOTES))
        if seat.entry is not None:
            seat.entry.quote(quote)
            self._feed.bus.emit(quote)

    def _bar(self, line: Line, bar: Bar) -> None:
        seat = self._feed.seats.get(bar.symbol)
        if seat is None:
            return
        self._feed.facts["bar"] += 1
        line.heard(Subscription(bar.symbol, Channel.BARS))
        if seat.entry is not None:
            seat.entry.venue_bar(bar)

    def _book(self, line: Line, change: BookSnapshot | BookDelta) -> None:
        self._feed.facts["book"] += 1
        line.heard(Subscription(change.symbol, Channel.BOOK))
        self.books.change(line, change)

    def _control(self, line: Line, control: Control) -> None:
        self._feed.facts["control"] += 1
        line.control(control)
        if control.kind is ControlKind.SHUTDOWN:
            self._feed.plan.replace_soon(line)
        elif control.kind is ControlKind.REFUSED:
            logger.warning("venue refused", extra={"venue": control.venue, "why": control.text[:200]})

    def _other(self, _line: Line, _other: Other) -> None:
        self._feed.facts["other"] += 1

    def _reject(self, _line: Line, reject: Reject) -> None:
        rejects = self._feed.rejects
        rejects[reject.reason] += 1
        if rejects[reject.reason] == 1:
            extra = {"venue": reject.venue, "reason": reject.reason, "detail": reject.detail[:200]}
            logger.warning("message refused", extra=extra)
