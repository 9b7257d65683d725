"""The simulated Kraken's channels: who hears what, and when each kind of message is due."""

from crypto_portfolio_analyzer.simulation.bars import TapeBar
from crypto_portfolio_analyzer.simulation.book import SLOT, Book, changes
from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.feeds import Feeds, TradePump
from crypto_portfolio_analyzer.simulation.kraken_wire import Row, Wire
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Trades, rows
from crypto_portfolio_analyzer.simulation.wording import MINUTE

Key = tuple[str, int, int]
"""Channel, number of the listing, and depth, minutes or trigger (1 = best bid and offer)."""

DEPTHS = (10, 25, 100, 500, 1000)
INTERVALS = (1, 5, 15, 30, 60, 240, 1440, 10_080)
_SNAPSHOT_TRADES = 50
_SNAPSHOT_BARS = 10


class KrakenStreams:
    """Keeps the listeners of every channel and pair and tells them what is due."""

    def __init__(self, market: Market, wires: list[Wire]) -> None:
        self._market, self._wires = market, wires
        self.feeds: Feeds[Key] = Feeds()
        self._pump = TradePump(market.tape)
        self._books: dict[Key, Book] = {}
        self._bars: dict[Key, int] = {}
        """Start of the bar told last."""
        self._slot = 0

    def subscribe(self, connection: Connection, key: Key, now: int) -> None:
        """Let `connection` hear a channel of a pair; does nothing if it does already."""
        if key in connection.subscriptions:
            return
        if not self.feeds.get(key):
            self._remember(key, now)
        self.feeds.add(key, self._spellings(key), connection)
        if key[0] != "book":
            self._pump.want(key[1], now)

    def snapshot(self, connection: Connection, key: Key, now: int) -> None:
        """Send how things stand, unless the subscription is muted."""
        if connection not in self.feeds.get(key):
            return
        channel, number, detail = key
        wire, skew = self._wires[number], self._market.skew
        if channel == "trade":
            connection.send(
                wire.trades("snapshot", self._rows(self._market.latest(number, now, _SNAPSHOT_TRADES)))
            )
        elif channel == "ticker":
            connection.send(self._ticker("snapshot", number, now))
        elif channel == "ohlc":
            start = now - _SNAPSHOT_BARS * detail * MINUTE
            bars = self._market.bars(number, start, now + 1, minutes=detail, now=now)
            connection.send(wire.bars("snapshot", bars, detail, at=now + skew, skew=skew))
        else:
            book = self._books[key]
            connection.send(wire.book("snapshot", book.bids, book.asks, book, now + skew))

    def unsubscribe(self, connection: Connection, key: Key) -> None:
        """End one subscription."""
        self.feeds.drop(key, connection)
        self._tidy()

    def forget(self, connection: Connection) -> None:
        """End all subscriptions of a connection."""
        self.feeds.forget(connection)
        self._tidy()

    def mute(self, text: str, *, lasting: bool) -> int:
        """Silence a pair, or `channel:pair`."""
        keys = [key for key, _ in self.feeds if text in self._spellings(key)]
        return self.feeds.mute(keys, text, lasting=lasting)

    def unmute(self, text: str) -> None:
        """End a silence."""
        self.feeds.unmute([key for key in self.feeds.muted_keys() if text in self._spellings(key)], text)

    def advance(self, now: int) -> None:
        """Queue what became due up to `now`."""
        for trades in self._pump.due(now):
            self._tell_trades(trades, now)
        if now // SLOT != self._slot:
            self._slot = now // SLOT
            for key in self._of("book"):
                self._tell_book(key, now)
            for key in self._of("ticker"):
                if key[2]:
                    self._tell_best(key, now)

    def _remember(self, key: Key, now: int) -> None:
        if key[0] == "book":
            self._books[key] = self._market.books.at(key[1], now).top(key[2])
        elif key[0] == "ticker":
            self._books[key] = self._market.books.at(key[1], now).top(1)
        elif key[0] == "ohlc":
            self._bars[key] = self._market.ledger(key[1]).bar(now, minutes=key[2], now=now).open_at

    def _spellings(self, key: Key) -> tuple[str, ...]:
        symbol = self._wires[key[1]].symbol
        return (f"{key[0]}:{symbol}", symbol)

    def _tidy(self) -> None:
        live = [key for key, _ in self.feeds]
        self._pump.keep({key[1] for key in (*live, *self.feeds.muted_keys()) if key[0] != "book"})

    def _of(self, channel: str) -> list[Key]:
        return [key for key, _ in self.feeds if key[0] == channel]

    def _rows(self, trades: Trades) -> list[Row]:
        return list(rows(trades._replace(at=trades.at + self._market.skew)))

    def _send(self, key: Key, payload: bytes) -> None:
        for connection in self.feeds.get(key):
            connection.send(payload)

    def _tell_trades(self, trades: Trades, now: int) -> None:
        """Tell each pair's new trades in one message, and what they changed."""
        fresh: dict[int, list[Row]] = {}
        for number, row in zip(trades.which.tolist(), self._rows(trades), strict=True):
            fresh.setdefault(number, []).append(row)
        for number, told in fresh.items():
            self._send(("trade", number, 0), self._wires[number].trades("update", told))
            if ("ticker", number, 0) in self.feeds:
                self._send(("ticker", number, 0), self._ticker("update", number, now))
        for key in self._of("ohlc"):
            if key[1] in fresh:
                self._tell_bars(key, now)

    def _tell_bars(self, key: Key, now: int) -> None:
        skew = self._market.skew
        for bar in self._due_bars(key, now):
            told = self._wires[key[1]].bars("update", [bar], key[2], at=now + skew, skew=skew)
            self._send(key, told)

    def _due_bars(self, key: Key, now: int) -> list[TapeBar]:
        bars = self._market.bars(key[1], self._bars[key], now + 1, minutes=key[2], now=now)
        self._bars[key] = bars[-1].open_at
        return [bar for bar in bars if bar.trades]

    def _ticker(self, kind: str, number: int, now: int) -> bytes:
        market = self._market
        day, last = market.recent_day(number, now), market.last(number, now)[0]
        return self._wires[number].ticker(kind, day, last, market.books.at(number, now), now + market.skew)

    def _tell_book(self, key: Key, now: int) -> None:
        book, known = self._market.books.at(key[1], now).top(key[2]), self._books[key]
        bids, asks = changes(known.bids, book.bids), changes(known.asks, book.asks)
        self._books[key] = book
        if bids or asks:
            self._send(key, self._wires[key[1]].book("update", bids, asks, book, now + self._market.skew))

    def _tell_best(self, key: Key, now: int) -> None:
        best, known = self._market.books.at(key[1], now).top(1), self._books[key]
        if (best.bids, best.asks) != (known.bids, known.asks):
            self._books[key] = best
            self._send(key, self._ticker("update", key[1], now))
