"""The simulated Coinbase Exchange's channels: who hears what, and when each kind of message is due."""

from collections.abc import Iterable

from crypto_portfolio_analyzer.simulation.book import SLOT, Book, changes
from crypto_portfolio_analyzer.simulation.coinbase_wire import Wire
from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.feeds import Feeds, TradePump
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Trades, rows
from crypto_portfolio_analyzer.simulation.wording import SECOND

Key = tuple[str, int]
"""Channel and number of the listing."""
Row = tuple[int, int, int, int, bool]

CHANNELS = ("ticker", "ticker_batch", "matches", "heartbeat", "level2", "level2_batch")
_TRADES = ("ticker", "matches")
_BOOKS = ("level2", "level2_batch")
_BATCH_SECONDS = 5


class CoinbaseStreams:
    """Keeps the listeners of every channel and product and tells them what is due."""

    def __init__(self, market: Market, wires: list[Wire]) -> None:
        self._market, self._wires = market, wires
        self.feeds: Feeds[Key] = Feeds()
        self._pump = TradePump(market.tape)
        self._books: dict[Key, Book] = {}
        self._slot, self._second = 0, 0

    def subscribe(self, connection: Connection, key: Key, now: int) -> None:
        """Let `connection` hear a channel of a product; does nothing if it does already."""
        if key in connection.subscriptions:
            return
        if key[0] in _BOOKS and not self.feeds.get(key):
            self._books[key] = self._market.books.at(key[1], now)
        self.feeds.add(key, self._spellings(key), connection)
        if key[0] in _TRADES:
            self._pump.want(key[1], now)

    def greet(self, connection: Connection, key: Key, now: int) -> None:
        """Send what a channel begins with: the newest trade, or the book."""
        if connection not in self.feeds.get(key):
            return
        wire = self._wires[key[1]]
        if key[0] in _BOOKS:
            connection.send(wire.snapshot(self._books[key]))
            return
        for row in self._rows(self._market.latest(key[1], now, 1)):
            if key[0] == "matches":
                connection.send(wire.match("last_match", row))
            elif key[0] == "ticker":
                connection.send(self._ticker(key[1], row, now))

    def unsubscribe(self, connection: Connection, keys: Iterable[Key]) -> None:
        """End subscriptions."""
        for key in keys:
            self.feeds.drop(key, connection)
        self._tidy()

    def forget(self, connection: Connection) -> None:
        """End all subscriptions of a connection."""
        self.feeds.forget(connection)
        self._tidy()

    def mute(self, text: str, *, lasting: bool) -> int:
        """Silence a product, or `channel:product`."""
        keys = [key for key, _ in self.feeds if text in self._spellings(key)]
        return self.feeds.mute(keys, text, lasting=lasting)

    def unmute(self, text: str) -> None:
        """End a silence."""
        self.feeds.unmute([key for key in self.feeds.muted_keys() if text in self._spellings(key)], text)

    def advance(self, now: int) -> None:
        """Queue what became due up to `now`."""
        for trades in self._pump.due(now):
            for number, row in zip(trades.which.tolist(), self._rows(trades), strict=True):
                self._tell_trade(number, row, now)
        if now // SLOT != self._slot:
            self._slot = now // SLOT
            self._tell_books(now)
        if now // SECOND != self._second:
            before, self._second = self._second, now // SECOND
            self._tell_seconds(now, before)

    def _spellings(self, key: Key) -> tuple[str, ...]:
        product = self._wires[key[1]].product
        return (f"{key[0]}:{product}", product, self._market.tape.listings[key[1]].symbol)

    def _tidy(self) -> None:
        live = [key for key, _ in self.feeds]
        self._pump.keep({key[1] for key in (*live, *self.feeds.muted_keys()) if key[0] in _TRADES})

    def _rows(self, trades: Trades) -> Iterable[Row]:
        return rows(trades._replace(at=trades.at + self._market.skew))

    def _send(self, key: Key, payload: bytes) -> None:
        for connection in self.feeds.get(key):
            connection.send(payload)

    def _tell_trade(self, number: int, row: Row, now: int) -> None:
        if ("matches", number) in self.feeds:
            self._send(("matches", number), self._wires[number].match("match", row))
        if ("ticker", number) in self.feeds:
            self._send(("ticker", number), self._ticker(number, row, now))

    def _ticker(self, number: int, row: Row, now: int) -> bytes:
        day, book = self._market.recent_day(number, now), self._market.books.at(number, now)
        return self._wires[number].ticker(row, day, book)

    def _tell_books(self, now: int) -> None:
        for key in [key for key, _ in self.feeds if key[0] in _BOOKS]:
            book, known = self._market.books.at(key[1], now), self._books[key]
            bids, asks = changes(known.bids, book.bids), changes(known.asks, book.asks)
            self._books[key] = book
            if bids or asks:
                self._send(key, self._wires[key[1]].changes(bids, asks, now + self._market.skew))

    def _tell_seconds(self, now: int, before: int) -> None:
        batch = self._second // _BATCH_SECONDS != before // _BATCH_SECONDS
        for key in [key for key, _ in self.feeds]:
            if key[0] == "heartbeat":
                last = self._market.count(key[1], now) - 1
                self._send(key, self._wires[key[1]].heartbeat(last, now + self._market.skew))
            elif key[0] == "ticker_batch" and batch:
                for row in self._rows(self._market.latest(key[1], now, 1)):
                    self._send(key, self._ticker(key[1], row, now))
