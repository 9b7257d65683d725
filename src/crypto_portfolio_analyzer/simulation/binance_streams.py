"""The simulated Binance's streams: who hears what, and when each kind of message is due."""

from collections.abc import Iterable, Iterator

import numpy as np

from crypto_portfolio_analyzer.simulation.bars import TapeBar
from crypto_portfolio_analyzer.simulation.binance_wire import INTERVALS, MS, Wire
from crypto_portfolio_analyzer.simulation.book import SLOT, Book, changes
from crypto_portfolio_analyzer.simulation.connection import Connection
from crypto_portfolio_analyzer.simulation.feeds import Feeds, Rota, TradePump
from crypto_portfolio_analyzer.simulation.market import Market
from crypto_portfolio_analyzer.simulation.tape import Trades
from crypto_portfolio_analyzer.simulation.wording import MINUTE, SECOND, encode

Key = tuple[str, int]
"""Kind of stream and number of the listing; -1 for the whole market."""

_ALL = "!miniTicker@arr"
_TRADES = ("aggTrade", "trade")
_TICKERS = ("ticker", "miniTicker")
_DEPTHS = {"depth": 10, "depth@100ms": 1, "depth@1000ms": 10}
"""Slots between two updates."""
_PARTIAL = {f"depth{levels}{speed}": levels for levels in (5, 10, 20) for speed in ("", "@100ms", "@1000ms")}
_BARS = {f"kline_{interval}": interval for interval in INTERVALS}
_KINDS = {*_TRADES, *_TICKERS, "bookTicker", *_DEPTHS, *_PARTIAL, *_BARS}
_BAR_SECONDS = 2
_TICKERS_PER_TURN, _TICKERS_PER_ARRAY = 15, 150
"""A ticker costs about 0.5 ms: with thousands of them each is told less often, and trades stay on time."""
_TRUE, _FALSE = b"true", b"false"


class BinanceStreams:
    """Keeps the listeners of every stream and tells them what is due."""

    def __init__(self, market: Market, wires: list[Wire]) -> None:
        self._market, self._tape, self._wires = market, market.tape, wires
        self._by_stream = {wire.stream: number for number, wire in enumerate(wires)}
        self._feeds: Feeds[Key] = Feeds()
        self._pump = TradePump(market.tape)
        self._tickers: Rota[Key] = Rota(SECOND, _TICKERS_PER_TURN)
        self._market_rota: Rota[int] = Rota(SECOND, _TICKERS_PER_ARRAY)
        listings = market.tape.listings
        self._price_zeros = np.array([10 ** (8 - listing.price_decimals) for listing in listings])
        self._quantity_zeros = np.array([10 ** (8 - listing.quantity_decimals) for listing in listings])
        self._first_id = np.array([listing.first_id for listing in listings])
        self._first_fill = np.array([listing.first_fill for listing in listings])
        self._books: dict[Key, Book] = {}
        """The book as each stream's listeners know it."""
        self._counts: dict[Key, int] = {}
        """How many trades each ticker had told; unchanged tickers stay quiet."""
        self._slot, self._second = 0, 0

    def key(self, name: object) -> Key | None:
        """Return what a stream's name means, None if there is no such stream."""
        if not isinstance(name, str):
            return None
        if name == _ALL:
            return (_ALL, -1)
        symbol, _, kind = name.partition("@")
        number = self._by_stream.get(symbol)
        return (kind, number) if number is not None and kind in _KINDS else None

    def name(self, key: Key) -> str:
        """Return a stream's name."""
        return _ALL if key[1] < 0 else f"{self._wires[key[1]].stream}@{key[0]}"

    def subscribe(self, connection: Connection, key: Key, now: int) -> None:
        """Let `connection` hear a stream; does nothing if it does already."""
        if key in connection.subscriptions:
            return
        if key[0] in _DEPTHS and not self._feeds.get(key):
            self._books[key] = self._market.books.at(key[1], now)
        self._feeds.add(key, self._spellings(key), connection)
        if key[0] in _TRADES:
            self._pump.want(key[1], now)
        elif key[0] in _TICKERS:
            self._tickers.add(key, now)

    def unsubscribe(self, connection: Connection, keys: Iterable[Key]) -> None:
        """End subscriptions."""
        for key in keys:
            self._feeds.drop(key, connection)
        self._tidy()

    def forget(self, connection: Connection) -> None:
        """End all subscriptions of a connection."""
        self._feeds.forget(connection)
        self._tidy()

    def mute(self, text: str, *, lasting: bool) -> int:
        """Silence streams by stream name, venue symbol or canonical symbol."""
        keys = [key for key, _ in self._feeds if text in self._spellings(key)]
        return self._feeds.mute(keys, text, lasting=lasting)

    def unmute(self, text: str) -> None:
        """End a silence."""
        self._feeds.unmute([key for key in self._feeds.muted_keys() if text in self._spellings(key)], text)

    def advance(self, now: int) -> None:
        """Queue what became due up to `now`."""
        for trades in self._pump.due(now):
            self._tell_trades(trades, now)
        if now // SLOT != self._slot:
            before, self._slot = self._slot, now // SLOT
            self._tell_books(now, before)
        if now // SECOND != self._second:
            before, self._second = self._second, now // SECOND
            self._tell_all(now)
            self._tell_bars(now, before or self._second)
        for key in self._tickers.due(now, self._feeds.is_known):
            self._tell_ticker(key, now)

    def _spellings(self, key: Key) -> tuple[str, ...]:
        if key[1] < 0:
            return (_ALL,)
        return (self.name(key), self._wires[key[1]].symbol, self._tape.listings[key[1]].symbol)

    def _tidy(self) -> None:
        live = [key for key, _ in self._feeds]
        self._pump.keep({key[1] for key in (*live, *self._feeds.muted_keys()) if key[0] in _TRADES})

    def _of(self, *kinds: str) -> Iterator[Key]:
        """Iterate over the heard streams of some kinds."""
        return iter([key for key, _ in self._feeds if key[0] in kinds])

    def _send(self, key: Key, payload: bytes) -> None:
        for connection in self._feeds.get(key):
            if connection.wrapped:
                connection.send(b'{"stream":"%s","data":%s}' % (self.name(key).encode(), payload))
            else:
                connection.send(payload)

    def _event_ms(self, now: int) -> int:
        return (now + self._market.skew) // MS

    def _tell_trades(self, trades: Trades, now: int) -> None:
        event_ms, which = self._event_ms(now), trades.which
        first = self._first_fill[which] + self._tape.fills(which, trades.number)
        after = self._first_fill[which] + self._tape.fills(which, trades.number + 1)
        columns = (
            which,
            self._first_id[which] + trades.number,
            *np.divmod(trades.ticks * self._price_zeros[which], 10**8),
            *np.divmod(trades.lots * self._quantity_zeros[which], 10**8),
            first,
            after - 1,
            (trades.at + self._market.skew) // MS,
            trades.buy,
        )
        feeds, wires, send = self._feeds, self._wires, self._send
        for number, *fields, buy in zip(*(column.tolist() for column in columns), strict=True):
            # The buyer is the maker when the taker sold
            maker = _FALSE if buy else _TRUE
            if ("aggTrade", number) in feeds:
                send(("aggTrade", number), wires[number].agg_trade % (event_ms, *fields, maker))
            if ("trade", number) in feeds:
                for fill in self._fills(number, fields, maker, event_ms):
                    send(("trade", number), fill)

    def _fills(self, number: int, fields: list[int], maker: bytes, event_ms: int) -> Iterator[bytes]:
        """Split a taker order into its fills: same price, and the first takes what does not divide."""
        _, whole, fraction, lots, rest, first, last, at_ms = fields
        zeros = int(self._quantity_zeros[number])
        quantity = (lots * 10**8 + rest) // zeros
        share, odd = divmod(quantity, last - first + 1)
        for fill in range(first, last + 1):
            size = (share + (odd if fill == first else 0)) * zeros
            price = (whole, fraction)
            yield self._wires[number].trade % (event_ms, fill, *price, *divmod(size, 10**8), at_ms, maker)

    def _tell_books(self, now: int, before: int) -> None:
        event_ms = self._event_ms(now)
        for key in self._of(*_DEPTHS):
            if self._slot // _DEPTHS[key[0]] != before // _DEPTHS[key[0]]:
                self._tell_depth(key, now, event_ms)
        for key in self._of("bookTicker"):
            book = self._market.books.at(key[1], now).top(1)
            known = self._books.get(key)
            if known is None or (known.bids, known.asks) != (book.bids, book.asks):
                self._books[key] = book
                self._send(key, self._wires[key[1]].book_ticker(book))
        for key in self._of(*_PARTIAL):
            book = self._market.books.at(key[1], now)
            self._send(key, self._wires[key[1]].partial_depth(book, _PARTIAL[key[0]]))

    def _tell_depth(self, key: Key, now: int, event_ms: int) -> None:
        book, known = self._market.books.at(key[1], now), self._books[key]
        bids, asks = changes(known.bids, book.bids), changes(known.asks, book.asks)
        if (bids or asks) and book.slot > known.slot:
            ids = (known.last_id + 1, book.last_id)
            self._send(key, self._wires[key[1]].depth_update(bids, asks, ids, event_ms))
            self._books[key] = book

    def _tell_ticker(self, key: Key, now: int) -> None:
        kind, number = key
        if not self._changed(key, now):
            return
        event_ms, wire = self._event_ms(now), self._wires[number]
        day, last = self._market.day(number, now), self._market.last(number, now)
        if kind == "miniTicker":
            self._send(key, encode(wire.mini_ticker(day, last[0], event_ms)))
            return
        fills = self._market.fill_ids(number, day.first, day.trades)
        self._send(key, wire.ticker(day, fills, last, self._market.books.at(number, now), event_ms))

    def _tell_all(self, now: int) -> None:
        """Tell every symbol that changed, in one array."""
        if not self._feeds.get((_ALL, -1)):
            return
        for number in range(len(self._wires)):
            self._market_rota.add(number, now)
        market, event_ms = self._market, self._event_ms(now)
        told = [
            self._wires[number].mini_ticker(market.day(number, now), market.last(number, now)[0], event_ms)
            for number in self._market_rota.due(now, lambda _: True)
            if self._changed((_ALL, number), now)
        ]
        if told:
            self._send((_ALL, -1), encode(told))

    def _changed(self, key: Key, now: int) -> bool:
        count = self._market.count(key[1], now)
        changed = self._counts.get(key) != count
        self._counts[key] = count
        return changed

    def _tell_bars(self, now: int, before: int) -> None:
        """Tell forming bars every 2 s, and every closed one once."""
        forming = self._second // _BAR_SECONDS != before // _BAR_SECONDS
        for key in self._of(*_BARS):
            interval = _BARS[key[0]]
            ended = self._ended(key[1], interval, now, before * SECOND)
            due = (
                [self._market.ledger(key[1]).bar(now, minutes=INTERVALS[interval], now=now)]
                if forming
                else []
            )
            for bar in (*ended, *due):
                fills = self._market.fill_ids(key[1], bar.first, bar.trades)
                wire, skew_ms = self._wires[key[1]], self._market.skew // MS
                told = wire.kline(bar, fills, interval, now_ms=self._event_ms(now), skew_ms=skew_ms)
                self._send(key, told)

    def _ended(self, number: int, interval: str, now: int, since: int) -> list[TapeBar]:
        """Return the bars that ended after `since`, up to `now`."""
        minutes = INTERVALS[interval]
        if now // MINUTE == since // MINUTE:
            return []
        length = minutes * MINUTE
        bars = self._market.bars(number, since - length + 1, now - length + 1, minutes=minutes, now=now)
        return [bar for bar in bars if since < bar.open_at + length <= now]
