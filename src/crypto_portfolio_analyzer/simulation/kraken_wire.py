"""Kraken's wire formats (WebSocket v2 and REST), written by hand and independent of the codec that reads them.

Numbers on the socket are JSON numbers with all their decimals, which the book's checksum is made of.
"""

from collections.abc import Iterable
from zlib import crc32

from crypto_portfolio_analyzer.simulation.bars import TapeBar
from crypto_portfolio_analyzer.simulation.book import Book, Side
from crypto_portfolio_analyzer.simulation.tape import Listing
from crypto_portfolio_analyzer.simulation.wording import SECOND, fixed, iso

Row = tuple[int, int, int, int, bool]
"""Number, instant, ticks, lots, taker buys."""

_REST_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
_LEGACY = frozenset({"XBT", "ETH", "XRP", "LTC", "ETC", "XLM"})
"""Assets whose pairs with dollars are spelled XxxxZUSD."""
_CHECKSUM_LEVELS = 10


class Wire:
    """Encodes one pair."""

    def __init__(self, listing: Listing) -> None:
        self.listing, self.symbol = listing, listing.symbol
        self.rest_base = _REST_NAMES.get(listing.base, listing.base)
        legacy = self.rest_base in _LEGACY and listing.quote == "USD"
        self.altname = self.rest_base + listing.quote
        self.wsname = f"{self.rest_base}/{listing.quote}"
        self.rest_name = f"X{self.rest_base}ZUSD" if legacy else self.altname
        self.spellings = (
            self.rest_name,
            self.altname,
            self.wsname,
            self.symbol,
            listing.base + listing.quote,
        )

    def price(self, ticks: int) -> str:
        """Return a price."""
        return fixed(ticks, self.listing.price_decimals)

    def quantity(self, lots: int) -> str:
        """Return a quantity with eight decimals."""
        return fixed(lots * 10 ** (8 - self.listing.quantity_decimals), 8)

    def average(self, bar: TapeBar) -> str:
        """Return the volume-weighted price."""
        return self.price(bar.notional // bar.lots if bar.lots else bar.close)

    def trade_id(self, number: int) -> int:
        """Return the id of trade `number`."""
        return self.listing.first_id + number

    def trades(self, kind: str, rows: Iterable[Row]) -> bytes:
        """Return a trade message; several trades share one."""
        told = ",".join(
            f'{{"symbol":"{self.symbol}","side":"{"buy" if buy else "sell"}","price":{self.price(ticks)},'
            f'"qty":{self.quantity(lots)},"ord_type":"{"limit" if lots % 3 else "market"}",'
            f'"trade_id":{self.trade_id(number)},"timestamp":"{iso(at)}"}}'
            for number, at, ticks, lots, buy in rows
        )
        return f'{{"channel":"trade","type":"{kind}","data":[{told}]}}'.encode()

    def ticker(self, kind: str, day: TapeBar, last: int, book: Book, at: int) -> bytes:
        """Return a ticker message."""
        (bid, bid_lots), (ask, ask_lots) = next(iter(book.bids.items())), next(iter(book.asks.items()))
        change = last - day.open
        return (
            f'{{"channel":"ticker","type":"{kind}","data":[{{"symbol":"{self.symbol}",'
            f'"bid":{self.price(bid)},"bid_qty":{self.quantity(bid_lots)},'
            f'"ask":{self.price(ask)},"ask_qty":{self.quantity(ask_lots)},"last":{self.price(last)},'
            f'"volume":{self.quantity(day.lots)},"vwap":{self.average(day)},'
            f'"low":{self.price(min(day.low, last))},"high":{self.price(max(day.high, last))},'
            f'"change":{self.price(change)},"change_pct":{100 * change / day.open:.2f},"timestamp":"{iso(at)}"}}]}}'
        ).encode()

    def bars(self, kind: str, bars: Iterable[TapeBar], minutes: int, *, at: int, skew: int) -> bytes:
        """Return an ohlc message; a bar's `timestamp` is its end."""
        told = ",".join(
            f'{{"symbol":"{self.symbol}","open":{self.price(bar.open)},"high":{self.price(bar.high)},'
            f'"low":{self.price(bar.low)},"close":{self.price(bar.close)},"trades":{bar.trades},'
            f'"volume":{self.quantity(bar.lots)},"vwap":{self.average(bar)},'
            f'"interval_begin":"{iso(bar.open_at + skew)[:-1]}000Z","interval":{minutes},'
            f'"timestamp":"{iso(bar.open_at + skew + minutes * 60 * SECOND)}"}}'
            for bar in bars
        )
        return f'{{"channel":"ohlc","type":"{kind}","timestamp":"{iso(at)}","data":[{told}]}}'.encode()

    def book(self, kind: str, bids: Side, asks: Side, whole: Book, at: int) -> bytes:
        """Return a book message: levels or changes, and the checksum of the `whole` book after them."""
        return (
            f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{self.symbol}",'
            f'"bids":[{self._levels(bids)}],"asks":[{self._levels(asks)}],'
            f'"checksum":{self.checksum(whole)},"timestamp":"{iso(at)}"}}]}}'
        ).encode()

    def checksum(self, book: Book) -> int:
        """Return the CRC32 over the ten best asks and bids, digits only."""
        top = book.top(_CHECKSUM_LEVELS)
        text = "".join(
            _digits(self.price(ticks)) + _digits(self.quantity(lots))
            for side in (top.asks, top.bids)
            for ticks, lots in side.items()
        )
        return crc32(text.encode())

    def rest_trade(self, row: Row) -> list[str | float | int]:
        """Return a row of `GET /0/public/Trades`."""
        number, at, ticks, lots, buy = row
        kind = "l" if lots % 3 else "m"
        return [
            self.price(ticks), self.quantity(lots), at / SECOND, "b" if buy else "s", kind, "", self.trade_id(number)
        ]  # fmt: skip

    def rest_bar(self, bar: TapeBar, skew: int) -> list[str | int]:
        """Return a row of `GET /0/public/OHLC`: time, open, high, low, close, vwap, volume, count."""
        prices = [self.price(ticks) for ticks in (bar.open, bar.high, bar.low, bar.close)]
        opened = (bar.open_at + skew) // SECOND
        return [opened, *prices, self.average(bar), self.quantity(bar.lots), bar.trades]

    def _levels(self, side: Side) -> str:
        return ",".join(
            f'{{"price":{self.price(ticks)},"qty":{self.quantity(lots)}}}' for ticks, lots in side.items()
        )


def _digits(text: str) -> str:
    return text.replace(".", "").lstrip("0")
