"""Order books on demand: kept in step with the venue, rebuilt after a gap."""

import logging

from crypto_portfolio_analyzer.core.books import BookOutcome, OrderBook
from crypto_portfolio_analyzer.core.market import BookDelta, BookSnapshot
from crypto_portfolio_analyzer.core.venues import Channel, Subscription
from crypto_portfolio_analyzer.errors import FeedError
from crypto_portfolio_analyzer.streaming.lines import Line
from crypto_portfolio_analyzer.streaming.ports import FeedPort

logger = logging.getLogger(__name__)

AGAIN_AFTER = 1.0


class OrderedBooks:
    """The books of one venue's feed."""

    def __init__(self, feed: FeedPort) -> None:
        self._feed = feed
        self._fetching: set[str] = set()

    def want(self, symbol: str) -> None:
        """Keep a book of `symbol` from now on."""
        seat = self._feed.seats[symbol]
        if seat.book is None:
            seat.book = OrderBook(symbol)

    def change(self, line: Line, change: BookSnapshot | BookDelta) -> None:
        """Apply what the venue sent; a gap leads to a new snapshot."""
        seat = self._feed.seats.get(change.symbol)
        if seat is None or seat.book is None:
            return
        outcome = seat.book.apply(change)
        if outcome is BookOutcome.APPLIED:
            self._feed.bus.emit(change)
        elif outcome in (BookOutcome.GAP, BookOutcome.WAITING):
            self._snapshot(line, change.symbol)

    def _snapshot(self, line: Line, symbol: str) -> None:
        if symbol in self._fetching:
            return
        self._fetching.add(symbol)
        self._feed.nursery.spawn(self._fetch(line, symbol), name=f"book {symbol}")

    async def _fetch(self, line: Line, symbol: str) -> None:
        feed = self._feed
        try:
            request = feed.exchange.book_request(symbol)
            if request is None:
                line.again(Subscription(symbol, Channel.BOOK))
                await feed.clock.sleep(AGAIN_AFTER)
                return
            body = await feed.rest.get(request)
            snapshot = feed.exchange.decode_book(symbol, body, feed.clock.now())
            seat = feed.seats.get(symbol)
            if isinstance(snapshot, BookSnapshot) and seat is not None and seat.book is not None:
                seat.book.apply(snapshot)
        except FeedError as error:
            logger.warning("no book snapshot", extra={"symbol": symbol, "why": str(error)})
            await feed.clock.sleep(AGAIN_AFTER)
        finally:
            self._fetching.discard(symbol)
