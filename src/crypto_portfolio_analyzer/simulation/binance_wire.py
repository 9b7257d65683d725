"""Binance's wire format, written by hand and independent of the codec that reads it.

Field order and number formats are those of real captures; prices and quantities have eight decimals.
"""

from typing import Any

from crypto_portfolio_analyzer.simulation.bars import TapeBar
from crypto_portfolio_analyzer.simulation.book import Book, Side
from crypto_portfolio_analyzer.simulation.tape import Listing
from crypto_portfolio_analyzer.simulation.wording import DAY, MINUTE, encode, fixed

MS = 10**6
INTERVALS = {
    "1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240, "6h": 360, "8h": 480,
    "12h": 720, "1d": 1440, "3d": 4320, "1w": 10_080,
}  # fmt: skip
"""Minutes of each kline interval; `1s` and `1M` are not simulated."""


class Wire:
    """Encodes one listing."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.symbol = listing.base + listing.quote
        self.stream = self.symbol.lower()
        self._price_zeros = 10 ** (8 - listing.price_decimals)
        self._quantity_zeros = 10 ** (8 - listing.quantity_decimals)
        name = self.symbol.encode()
        self.agg_trade = (
            b'{"e":"aggTrade","E":%d,"s":"' + name + b'","a":%d,"p":"%d.%08d","q":"%d.%08d",'
            b'"f":%d,"l":%d,"T":%d,"m":%s,"M":true}'
        )
        """Template: event ms, id, price (whole, fraction), quantity (whole, fraction), first, last, trade ms, maker."""
        self.trade = (
            b'{"e":"trade","E":%d,"s":"'
            + name
            + b'","t":%d,"p":"%d.%08d","q":"%d.%08d","T":%d,"m":%s,"M":true}'
        )

    def price(self, ticks: int) -> str:
        """Return a price."""
        return fixed(ticks * self._price_zeros, 8)

    def quantity(self, lots: int) -> str:
        """Return a quantity."""
        return fixed(lots * self._quantity_zeros, 8)

    def notional(self, amount: int) -> str:
        """Return ticks x lots as an amount of the quote."""
        decimals = self.listing.price_decimals + self.listing.quantity_decimals
        return fixed(amount * 10**8 // 10**decimals, 8)

    def average(self, bar: TapeBar) -> str:
        """Return the volume-weighted price."""
        return self.price(bar.notional // bar.lots if bar.lots else bar.close)

    def side(self, side: Side, depth: int | None = None) -> list[tuple[str, str]]:
        """Return levels as pairs of text."""
        return [(self.price(ticks), self.quantity(lots)) for ticks, lots in list(side.items())[:depth]]

    def kline(
        self, bar: TapeBar, fills: tuple[int, int], interval: str, *, now_ms: int, skew_ms: int
    ) -> bytes:
        """Return a kline event; `fills` are its first fill id and the one after its last."""
        opened = bar.open_at // MS + skew_ms
        length = INTERVALS[interval] * MINUTE // MS
        inner = {
            "t": opened, "T": opened + length - 1, "s": self.symbol, "i": interval,
            "f": fills[0] if bar.trades else -1, "L": fills[1] - 1 if bar.trades else -1,
            "o": self.price(bar.open), "c": self.price(bar.close), "h": self.price(bar.high), "l": self.price(bar.low),
            "v": self.quantity(bar.lots), "n": fills[1] - fills[0], "x": now_ms >= opened + length,
            "q": self.notional(bar.notional), "V": self.quantity(bar.buy_lots), "Q": self.notional(bar.buy_notional),
            "B": "0",
        }  # fmt: skip
        return encode({"e": "kline", "E": now_ms, "s": self.symbol, "k": inner})

    def rest_kline(self, bar: TapeBar, fills: tuple[int, int], interval: str, skew_ms: int) -> list[Any]:
        """Return a row of `GET /api/v3/klines`."""
        opened = bar.open_at // MS + skew_ms
        return [
            opened, self.price(bar.open), self.price(bar.high), self.price(bar.low), self.price(bar.close),
            self.quantity(bar.lots), opened + INTERVALS[interval] * MINUTE // MS - 1, self.notional(bar.notional),
            fills[1] - fills[0], self.quantity(bar.buy_lots), self.notional(bar.buy_notional), "0",
        ]  # fmt: skip

    def ticker(
        self, day: TapeBar, fills: tuple[int, int], last: tuple[int, int], book: Book, now_ms: int
    ) -> bytes:
        """Return a 24hrTicker event; `last` is the newest trade's price in ticks and quantity in lots."""
        bid, ask = next(iter(book.bids.items())), next(iter(book.asks.items()))
        change = last[0] - day.open
        return encode({
            "e": "24hrTicker", "E": now_ms, "s": self.symbol, "p": self.price(change),
            "P": percent(change, day.open), "w": self.average(day), "x": self.price(day.open),
            "c": self.price(last[0]), "Q": self.quantity(last[1]), "b": self.price(bid[0]), "B": self.quantity(bid[1]),
            "a": self.price(ask[0]), "A": self.quantity(ask[1]), "o": self.price(day.open), "h": self.price(day.high),
            "l": self.price(day.low), "v": self.quantity(day.lots), "q": self.notional(day.notional),
            "O": now_ms - DAY // MS, "C": now_ms, "F": fills[0], "L": fills[1] - 1, "n": fills[1] - fills[0],
        })  # fmt: skip

    def rest_ticker(
        self, day: TapeBar, fills: tuple[int, int], last: tuple[int, int], book: Book, now_ms: int
    ) -> dict[str, Any]:
        """Return `GET /api/v3/ticker/24hr` of one symbol."""
        bid, ask = next(iter(book.bids.items())), next(iter(book.asks.items()))
        change = last[0] - day.open
        return {
            "symbol": self.symbol, "priceChange": self.price(change), "priceChangePercent": percent(change, day.open),
            "weightedAvgPrice": self.average(day), "prevClosePrice": self.price(day.open),
            "lastPrice": self.price(last[0]), "lastQty": self.quantity(last[1]), "bidPrice": self.price(bid[0]),
            "bidQty": self.quantity(bid[1]), "askPrice": self.price(ask[0]), "askQty": self.quantity(ask[1]),
            "openPrice": self.price(day.open), "highPrice": self.price(day.high), "lowPrice": self.price(day.low),
            "volume": self.quantity(day.lots), "quoteVolume": self.notional(day.notional),
            "openTime": now_ms - DAY // MS, "closeTime": now_ms, "firstId": fills[0], "lastId": fills[1] - 1,
            "count": fills[1] - fills[0],
        }  # fmt: skip

    def mini_ticker(self, day: TapeBar, last: int, now_ms: int) -> dict[str, Any]:
        """Return a 24hrMiniTicker event, not yet encoded: an array of them is one message."""
        return {
            "e": "24hrMiniTicker", "E": now_ms, "s": self.symbol, "c": self.price(last), "o": self.price(day.open),
            "h": self.price(day.high), "l": self.price(day.low), "v": self.quantity(day.lots),
            "q": self.notional(day.notional),
        }  # fmt: skip

    def book_ticker(self, book: Book) -> bytes:
        """Return a bookTicker message; it has neither kind nor time."""
        bid, ask = next(iter(book.bids.items())), next(iter(book.asks.items()))
        return encode({
            "u": book.last_id, "s": self.symbol, "b": self.price(bid[0]), "B": self.quantity(bid[1]),
            "a": self.price(ask[0]), "A": self.quantity(ask[1]),
        })  # fmt: skip

    def partial_depth(self, book: Book, depth: int) -> bytes:
        """Return the best levels, as the partial depth streams tell them."""
        return encode({
            "lastUpdateId": book.last_id, "bids": self.side(book.bids, depth), "asks": self.side(book.asks, depth)
        })  # fmt: skip

    def rest_book_ticker(self, book: Book) -> dict[str, Any]:
        """Return `GET /api/v3/ticker/bookTicker` of one symbol."""
        bid, ask = next(iter(book.bids.items())), next(iter(book.asks.items()))
        return {
            "symbol": self.symbol, "bidPrice": self.price(bid[0]), "bidQty": self.quantity(bid[1]),
            "askPrice": self.price(ask[0]), "askQty": self.quantity(ask[1]),
        }  # fmt: skip

    def depth_update(self, bids: Side, asks: Side, ids: tuple[int, int], now_ms: int) -> bytes:
        """Return a depthUpdate event; `ids` are its first and last update id."""
        return encode({
            "e": "depthUpdate", "E": now_ms, "s": self.symbol, "U": ids[0], "u": ids[1],
            "b": self.side(bids), "a": self.side(asks),
        })  # fmt: skip


def percent(change: int, of: int) -> str:
    """Return a change in percent, with three decimals."""
    return f"{100 * change / of:.3f}" if of else "0.000"
