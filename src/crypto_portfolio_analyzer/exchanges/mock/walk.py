"""A market that never happened: any instant of any symbol's past and future, computed from a seed.

Prices are sums of smooth noise with periods from ten seconds to two days, each as strong as the square root of
its period: they wander like a random walk, but need no history. So two sessions with one seed agree on every
trade and its number, whenever they began, and 24 h statistics are true from the first second on.
"""

from collections.abc import Iterator
from hashlib import sha256
from math import log, log10
from typing import Final, NamedTuple

from crypto_portfolio_analyzer.core.symbols import USD_LIKE

SECOND: Final = 10**9
DAY: Final = 86_400 * SECOND
BASE_PRICES: Final = {"BTC": 50_000.0, "ETH": 3_000.0, "ADA": 1.5, "DOT": 25.0, "LINK": 20.0}
"""In US dollars; other assets get a price derived from their name."""

_CURRENCIES = {"EUR": 1.08, "GBP": 1.27, "CHF": 1.12}
_PERIODS = (172_800, 21_600, 3_600, 600, 60, 10)
_DAILY_MOVE = 0.03
_JITTER = 0.000_05
_SLOTS = 288
_SLOT = DAY // _SLOTS
_MASK = (1 << 64) - 1


def mix(value: int) -> int:
    """Return 64 well-mixed bits of `value` (the finaliser of SplitMix64)."""
    value = (value + 0x9E3779B97F4A7C15) & _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _unit(bits: int) -> float:
    """Return 53 of the bits as a number in (0, 1)."""
    return ((bits >> 11) + 0.5) / (1 << 53)


def _stable(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")


def base_price(symbol: str) -> float:
    """Return the price that a symbol's market wanders about."""
    base, _, quote = symbol.partition("/")
    return _dollars(base) / _dollars(quote.partition(":")[0])


def _dollars(asset: str) -> float:
    if asset in USD_LIKE:
        return 1.0
    known = BASE_PRICES.get(asset) or _CURRENCIES.get(asset)
    return known or 10.0 ** (4.0 * _unit(mix(_stable(asset))) - 2.0)


class Print(NamedTuple):
    """One trade: prices and quantities are texts, as they go over the wire."""

    number: int
    at: int
    price: str
    quantity: str
    side: str


class Day(NamedTuple):
    """Statistics of the 24 h before an instant."""

    open: str
    high: str
    low: str
    volume: str
    quote_volume: str
    bid: str
    ask: str


class Wanderer:
    """One symbol's market."""

    def __init__(self, seed: int, symbol: str) -> None:
        self.symbol = symbol
        self._key = mix(_stable(symbol) ^ (seed & _MASK))
        self._base = base_price(symbol)
        self._worth = _dollars(symbol.partition("/")[0])
        self._decimals = min(12, max(2, 4 - int(log10(self._base) // 1)))
        self._wildness = 1.0 if symbol.startswith("BTC/") else 1.0 + _unit(mix(self._key + 1))
        self.interval = round((0.25 + 1.5 * _unit(mix(self._key + 2)) ** 2) * SECOND)
        self._notional = 300.0 + 4_000.0 * _unit(mix(self._key + 3))
        self._corners: list[tuple[int, float, float]] = [(-1, 0.0, 0.0)] * len(_PERIODS)
        self._ranges: dict[int, tuple[float, float]] = {}

    def number_after(self, instant: int) -> int:
        """Return the number of the first trade after `instant` (ns)."""
        number = instant // self.interval
        return number if self._trade_at(number) > instant else number + 1

    def trades(self, first: int, until: int) -> Iterator[Print]:
        """Yield the trades from number `first` on, up to the instant `until` (ns)."""
        number = first
        while (at := self._trade_at(number)) <= until:
            yield self.trade(number, at)
            number += 1

    def trade(self, number: int, at: int) -> Print:
        """Return a trade of a known instant."""
        bits = mix(self._key ^ mix(number))
        price = self._price_at(at) * (1 + _JITTER * (2 * _unit(bits) - 1))
        rising = price > self._price_at(at - 5 * SECOND)
        size = mix(bits)
        buyers = 0.65 if rising else 0.35
        quantity = self._notional / self._worth * -log(_unit(size))
        side = "buy" if _unit(mix(size)) < buyers else "sell"
        told = self._text(price)
        self._note(at // _SLOT, float(told))
        return Print(number, at, told, self._quantity(quantity), side)

    def last_price(self, instant: int) -> tuple[int, str]:
        """Return the number and the price of the last trade up to `instant` (ns)."""
        number = self.number_after(instant) - 1
        return number, self.trade(number, self._trade_at(number)).price

    def day(self, instant: int, price: str) -> Day:
        """Return the statistics at `instant` (ns), the last price being `price`."""
        ranges = self._last_day(instant)
        opened, last = self._text(self._price_at(instant - DAY)), float(price)
        low = min(last, float(opened), *(low for low, _ in ranges))
        high = max(last, float(opened), *(high for _, high in ranges))
        middle = (low + high) / 2
        per_day = DAY / self.interval * self._notional / self._worth
        volume = per_day * (1 + 0.1 * self._noise(instant // SECOND, 0))
        tick = 10.0**-self._decimals
        return Day(
            open=opened,
            high=self._text(high),
            low=self._text(low),
            volume=self._quantity(volume),
            quote_volume=f"{volume * middle:.2f}",
            bid=self._text(max(tick, last - tick)),
            ask=self._text(last + tick),
        )

    def _trade_at(self, number: int) -> int:
        return number * self.interval + mix(self._key + number) % self.interval

    def _price_at(self, instant: int) -> float:
        """Return the price, unrounded: within some percent of its base, whatever the instant."""
        seconds = instant / SECOND
        moved = 0.0
        for octave, period in enumerate(_PERIODS):
            moved += (period / 86_400) ** 0.5 * self._noise(seconds, octave)
        return self._base * (1 + _DAILY_MOVE * self._wildness * moved)

    def _noise(self, seconds: float, octave: int) -> float:
        """Return smooth noise in [-1, 1] of one period."""
        position = seconds / _PERIODS[octave]
        corner = int(position)
        at, left, right = self._corners[octave]
        if at != corner:
            left, right = (self._corner(corner + step, octave) for step in (0, 1))
            self._corners[octave] = (corner, left, right)
        share = position - corner
        return left + (right - left) * share * share * (3 - 2 * share)

    def _corner(self, corner: int, octave: int) -> float:
        return 2 * _unit(mix(self._key ^ mix(corner * len(_PERIODS) + octave))) - 1

    def _note(self, slot: int, price: float) -> None:
        """Remember that a price was told, for the day's high and low."""
        low, high = self._ranges.get(slot) or self._sampled(slot)
        if not low <= price <= high:
            low, high = min(low, price), max(high, price)
        self._ranges[slot] = (low, high)
        if len(self._ranges) > 2 * _SLOTS:
            del self._ranges[next(iter(self._ranges))]

    def _sampled(self, slot: int) -> tuple[float, float]:
        price = float(self._text(self._price_at(slot * _SLOT)))
        return price, price

    def _last_day(self, instant: int) -> list[tuple[float, float]]:
        """Return lows and highs of the last 24 h, in slots; trades nobody was told of count as samples."""
        latest = instant // _SLOT
        wanted = range(latest - _SLOTS + 1, latest + 1)
        self._ranges = {slot: self._ranges.get(slot) or self._sampled(slot) for slot in wanted}
        return list(self._ranges.values())

    def _text(self, price: float) -> str:
        return f"{max(price, 10.0**-self._decimals):.{self._decimals}f}"

    def _quantity(self, quantity: float) -> str:
        decimals = min(12, max(0, 6 + int(log10(self._worth) // 1)))
        return f"{max(quantity, 10.0**-decimals):.{decimals}f}"
