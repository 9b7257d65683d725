"""Coinbase Exchange's wire format, written by hand and independent of the codec that reads it."""

from typing import Any

import numpy as np

from crypto_portfolio_analyzer.simulation.bars import TapeBar
from crypto_portfolio_analyzer.simulation.book import Book, Side
from crypto_portfolio_analyzer.simulation.noise import draw
from crypto_portfolio_analyzer.simulation.tape import Listing
from crypto_portfolio_analyzer.simulation.wording import SECOND, encode, fixed, iso, trimmed

SEQUENCE_STEP = 13
"""Order-book messages from one trade to the next: a product's sequence counts those too."""
_MONTH = 30


class Wire:
    """Encodes one product."""

    def __init__(self, listing: Listing) -> None:
        self.listing = listing
        self.product = f"{listing.base}-{listing.quote}"
        self._seed = np.array([listing.seed], np.uint64)

    def price(self, ticks: int) -> str:
        """Return a price."""
        return fixed(ticks, self.listing.price_decimals)

    def size(self, lots: int) -> str:
        """Return a quantity without trailing zeros."""
        return trimmed(fixed(lots, self.listing.quantity_decimals))

    def volume(self, lots: int) -> str:
        """Return a volume with eight decimals."""
        return fixed(lots * 10 ** (8 - self.listing.quantity_decimals), 8)

    def trade_id(self, number: int) -> int:
        """Return the id of trade `number`."""
        return self.listing.first_id + number

    def sequence(self, number: int) -> int:
        """Return the product's sequence when trade `number` happened."""
        return 3 * self.listing.first_id + SEQUENCE_STEP * number

    def match(self, kind: str, row: tuple[int, int, int, int, bool]) -> bytes:
        """Return a match or last_match; `row` is number, instant, ticks, lots, taker buys. `side` is the maker's."""
        number, at, ticks, lots, buy = row
        return encode({
            "type": kind, "trade_id": self.trade_id(number), "maker_order_id": self._order(number, 0),
            "taker_order_id": self._order(number, 1), "side": "sell" if buy else "buy", "size": self.size(lots),
            "price": self.price(ticks), "product_id": self.product, "sequence": self.sequence(number),
            "time": iso(at),
        })  # fmt: skip

    def ticker(self, row: tuple[int, int, int, int, bool], day: TapeBar, book: Book) -> bytes:
        """Return a ticker, told with each trade; `side` is the taker's here."""
        number, at, ticks, lots, buy = row
        return encode({
            "type": "ticker", "sequence": self.sequence(number), "product_id": self.product,
            "price": self.price(ticks), "open_24h": self.price(day.open), "volume_24h": self.volume(day.lots),
            "low_24h": self.price(min(day.low, ticks)), "high_24h": self.price(max(day.high, ticks)),
            "volume_30d": self.volume(day.lots * _MONTH), "best_bid": self.price(next(iter(book.bids))),
            "best_ask": self.price(next(iter(book.asks))), "side": "buy" if buy else "sell", "time": iso(at),
            "trade_id": self.trade_id(number), "last_size": self.size(lots),
        })  # fmt: skip

    def heartbeat(self, last: int, at: int) -> bytes:
        """Return a heartbeat; `last` is the newest trade's number."""
        return encode({
            "type": "heartbeat", "last_trade_id": self.trade_id(last), "product_id": self.product,
            "sequence": self.sequence(last) + SEQUENCE_STEP // 2, "time": iso(at),
        })  # fmt: skip

    def snapshot(self, book: Book) -> bytes:
        """Return the whole book."""
        return encode({
            "type": "snapshot", "product_id": self.product, "asks": self._side(book.asks),
            "bids": self._side(book.bids),
        })  # fmt: skip

    def changes(self, bids: Side, asks: Side, at: int) -> bytes:
        """Return an l2update; quantity 0 removes a level."""
        told = [
            [word, self.price(ticks), self.volume(lots)]
            for word, side in (("buy", bids), ("sell", asks))
            for ticks, lots in side.items()
        ]
        return encode({"type": "l2update", "product_id": self.product, "changes": told, "time": iso(at)})

    def rest_trade(self, row: tuple[int, int, int, int, bool]) -> dict[str, Any]:
        """Return a row of `GET /products/X/trades`; `side` is the maker's."""
        number, at, ticks, lots, buy = row
        return {
            "trade_id": self.trade_id(number), "side": "sell" if buy else "buy", "size": self.volume(lots),
            "price": self.price(ticks), "time": iso(at),
        }  # fmt: skip

    def candle(self, bar: TapeBar, skew: int) -> list[int | float]:
        """Return a row of `GET /products/X/candles`: time, low, high, open, close, volume."""
        prices = [float(self.price(ticks)) for ticks in (bar.low, bar.high, bar.open, bar.close)]
        return [(bar.open_at + skew) // SECOND, *prices, float(self.volume(bar.lots))]

    def levels(self, side: Side, depth: int) -> list[list[str | int]]:
        """Return levels as REST tells them: price, size, number of orders."""
        return [
            [self.price(ticks), self.volume(lots), 1 + lots % 7] for ticks, lots in list(side.items())[:depth]
        ]

    def _side(self, side: Side) -> list[tuple[str, str]]:
        return [(self.price(ticks), self.volume(lots)) for ticks, lots in side.items()]

    def _order(self, number: int, which: int) -> str:
        position = np.array([2 * number + which])
        high, low = int(draw(self._seed, position)[0]), int(draw(self._seed + np.uint64(5), position)[0])
        text = f"{high:016x}{low:016x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
