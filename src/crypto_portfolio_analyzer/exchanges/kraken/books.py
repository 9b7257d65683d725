"""The part of a Kraken book that the venue keeps us informed of, and its checksum.

A subscription has a depth. Levels beyond it must be dropped by the client, for the venue says nothing more of
them, and a CRC32 over the digits of the best ten levels of each side proves that both still agree:
https://docs.kraken.com/api/docs/guides/spot-ws-book-v2
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zlib import crc32

from msgspec.structs import replace

from crypto_portfolio_analyzer.core.market import BookDelta, BookSnapshot, Control, ControlKind, Fact

CHECKED = 10
"""Levels of each side in the checksum."""
_MAX_BOOKS = 2_000


class WireLevel(NamedTuple):
    """A level, and the digits by which it counts in the checksum."""

    price: float
    quantity: float
    digits: bytes


Sides = tuple[Sequence[WireLevel], Sequence[WireLevel]]
"""Bids and asks, in wire order."""


def digits(price: str, quantity: str) -> bytes:
    """Return what of a level goes into the checksum: its figures without points and leading zeros."""
    return (price.replace(".", "").lstrip("0") + quantity.replace(".", "").lstrip("0")).encode()


class _Side:
    """Levels of one side, best first; `sign` is -1 for bids."""

    __slots__ = ("_digits", "_order", "_sign")

    def __init__(self, sign: int, levels: Iterable[WireLevel]) -> None:
        self._sign = sign
        self._digits = {level.price: level.digits for level in levels if level.quantity}
        self._order = sorted(sign * price for price in self._digits)

    def put(self, level: WireLevel) -> None:
        key = self._sign * level.price
        is_there = level.price in self._digits
        if level.quantity:
            self._digits[level.price] = level.digits
            if not is_there:
                self._order.insert(bisect_left(self._order, key), key)
        elif is_there:
            del self._digits[level.price]
            del self._order[bisect_left(self._order, key)]

    def cut(self, depth: int) -> list[float]:
        """Drop the levels beyond `depth`; return their prices."""
        beyond = [self._sign * key for key in self._order[depth:]]
        del self._order[depth:]
        for price in beyond:
            del self._digits[price]
        return beyond

    def checked(self) -> bytes:
        return b"".join([self._digits[self._sign * key] for key in self._order[:CHECKED]])


class DepthWindow:
    """One symbol's book to the depth subscribed for. `is_torn` once a checksum did not fit."""

    __slots__ = ("_asks", "_bids", "_depth", "is_torn")

    def __init__(self, depth: int, bids: Iterable[WireLevel], asks: Iterable[WireLevel]) -> None:
        self._depth = depth
        self._bids, self._asks = _Side(-1, bids), _Side(1, asks)
        self.is_torn = False

    def apply(self, bids: Iterable[WireLevel], asks: Iterable[WireLevel]) -> tuple[list[float], list[float]]:
        """Take an update, in wire order; return the prices of bids and asks that fell beyond the depth."""
        for level in bids:
            self._bids.put(level)
        for level in asks:
            self._asks.put(level)
        return self._bids.cut(self._depth), self._asks.cut(self._depth)

    def checksum(self) -> int:
        """Return the CRC32 of the best ten levels of each side."""
        return crc32(self._asks.checked() + self._bids.checked())


class Books:
    """The books of a connection: every window, and what each message about one comes to.

    The venue numbers no updates, so we do: a checksum that does not fit leaves a number out, and whoever keeps
    the book sees the gap.
    """

    def __init__(self, venue: str) -> None:
        self._venue = venue
        self._windows: dict[str, DepthWindow] = {}
        self._numbers: dict[str, int] = {}

    def open(self, book: BookSnapshot, depth: int, levels: Sides, checksum: int | None) -> list[Fact]:
        """Return the facts of a snapshot, whose levels with their digits are `levels`."""
        book = replace(book, last_id=self._next(book.symbol))
        if len(self._windows) >= _MAX_BOOKS and book.symbol not in self._windows:
            return [book]
        window = self._windows[book.symbol] = DepthWindow(depth, *levels)
        return [book, *self._check(window, book.symbol, checksum, book.received_at)]

    def update(self, delta: BookDelta, levels: Sides, checksum: int | None) -> list[Fact]:
        """Return the facts of an update; levels that fell beyond the depth are removed by it, too."""
        number = self._next(delta.symbol)
        window = self._windows.get(delta.symbol)
        if window is None:
            return [replace(delta, first_id=number, last_id=number)]
        beyond_bids, beyond_asks = window.apply(*levels)
        bids = delta.bids + tuple([(price, 0.0) for price in beyond_bids])
        asks = delta.asks + tuple([(price, 0.0) for price in beyond_asks])
        delta = replace(delta, bids=bids, asks=asks, first_id=number, last_id=number)
        return [delta, *self._check(window, delta.symbol, checksum, delta.received_at)]

    def _next(self, symbol: str) -> int:
        number = self._numbers.get(symbol, 0) + 1
        if len(self._numbers) < _MAX_BOOKS or symbol in self._numbers:
            self._numbers[symbol] = number
        return number

    def _check(
        self, window: DepthWindow, symbol: str, checksum: int | None, received_at: int
    ) -> Sequence[Fact]:
        if checksum is None or window.is_torn or window.checksum() == checksum:
            return ()
        window.is_torn = True
        self._numbers[symbol] += 1
        said = f"checksum mismatch {symbol}"
        return (Control(self._venue, ControlKind.STATUS, received_at, text=said, symbol=symbol),)
