"""The seeded market behind every simulated venue: trades that can be told again, from any id, at any time."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from crypto_portfolio_analyzer.core.market import Side
from crypto_portfolio_analyzer.core.symbols import USD_LIKE, parse_symbol
from crypto_portfolio_analyzer.errors import InvalidInput, NotFound
from crypto_portfolio_analyzer.simulation.assets import DEFAULT_SYMBOLS, Asset, asset_of
from crypto_portfolio_analyzer.simulation.noise import Bits, Floats, Integers, draw, seed_of, unit
from crypto_portfolio_analyzer.simulation.path import PricePath
from crypto_portfolio_analyzer.simulation.wording import MINUTE, SECOND, fixed

BASIS = 0.00025
"""Venues differ by up to this fraction from the shared price."""
TYPICAL_NOTIONAL = 4_000.0
"""Dollars of a rather large trade; most are far smaller."""
LARGEST_STEP = 3
"""A trade of the tape is one taker order, filled by up to this many makers."""


class Trades(NamedTuple):
    """Columns of trades: listing number, trade number, instant (ns), price in ticks, quantity in lots, taker buys."""

    which: Integers
    number: Integers
    at: Integers
    ticks: Integers
    lots: Integers
    buy: NDArray[np.bool_]

    def pick(self, chosen: Integers) -> "Trades":
        """Return the trades at positions `chosen`."""
        which, number, at, ticks, lots, buy = self
        return Trades(which[chosen], number[chosen], at[chosen], ticks[chosen], lots[chosen], buy[chosen])


class TapeTrade(Struct, frozen=True):
    """One trade as the tape knows it: the truth tests compare with. `trade_id` is the venue's (`a` at Binance)."""

    trade_id: int
    at: int
    price: str
    quantity: str
    side: Side


class Listing(Struct, frozen=True):
    """One market of one venue."""

    symbol: str
    base: str
    quote: str
    price_decimals: int
    quantity_decimals: int
    first_id: int
    """Id of trade number 0."""
    first_fill: int
    """Id of the first fill of trade number 0."""
    seed: int


class Tape:
    """One market for all venues: the same seed gives the same prices and trades, to the byte.

    `symbols` are base assets or canonical symbols; every venue lists each base in its own quotes.
    Numbered trades exist from `history` seconds before `start_at` (ns) on; `rates` overrides the trades per
    second of single assets.
    """

    def __init__(
        self,
        seed: int = 7,
        symbols: Sequence[str] = DEFAULT_SYMBOLS,
        *,
        start_at: int,
        trades_per_second: float = 2.0,
        volatility: float = 0.03,
        history: float = 3600.0,
        rates: dict[str, float] | None = None,
    ) -> None:
        bases = list(dict.fromkeys(parse_symbol(symbol).base for symbol in symbols))
        if not bases or trades_per_second <= 0:
            message = "a tape needs at least one symbol and a positive rate of trades"
            raise InvalidInput(message)
        self.seed, self.start_at = seed, start_at
        self.origin = (start_at - int(history * SECOND)) // MINUTE * MINUTE
        self.assets = [asset_of(base) for base in bases]
        wanted = rates or {}
        self.rates = [wanted.get(asset.name, trades_per_second * asset.activity) for asset in self.assets]
        seeds = np.array([seed_of(seed, "path", base) for base in bases], np.uint64)
        self.path = PricePath(seeds, start_at=start_at, volatility=volatility)
        self.told_until = start_at
        """Nothing before this instant may change any more: some venue has told it."""
        self._venues: dict[tuple[str, tuple[str, ...]], VenueTape] = {}

    def venue(self, name: str, quotes: Iterable[str]) -> "VenueTape":
        """Return the market as venue `name` tells it, every base priced in each of `quotes`."""
        key = (name, tuple(quotes))
        if key not in self._venues:
            self._venues[key] = VenueTape(self, name, key[1])
        return self._venues[key]

    def jump(self, symbol: str, percent: float, *, at: int | None = None, lasting: float = 0.0) -> int:
        """Move the price of `symbol`'s base asset on every venue; return the instant (ns) the move begins.

        It begins at `at`, or as soon as possible: what was already told is never changed.
        """
        base = parse_symbol(symbol).base
        number = next((i for i, asset in enumerate(self.assets) if asset.name == base), None)
        if number is None:
            raise NotFound("symbol", symbol)
        if percent <= -100:
            message = f"a move of {percent} % leaves no price; more than -100 is right"
            raise InvalidInput(message)
        begin = max(self.told_until + 1, at or 0)
        self.path.jump(number, percent, at=begin, lasting=lasting)
        return begin


class VenueTape:
    """The trades of one venue: numbered per listing, in columns, computed when asked for."""

    def __init__(self, tape: Tape, name: str, quotes: tuple[str, ...]) -> None:
        self.tape, self.name = tape, name
        pairs = [(number, quote) for quote in quotes for number in range(len(tape.assets))]
        pairs = [(number, quote) for number, quote in pairs if tape.assets[number].name != quote]
        assets = [tape.assets[number] for number, _ in pairs]
        self.listings = [self._list(asset, quote) for asset, (_, quote) in zip(assets, pairs, strict=True)]
        self.number = {listing.symbol: i for i, listing in enumerate(self.listings)}
        self._asset = np.array([number for number, _ in pairs], np.int64)
        self._seed: Bits = np.array([listing.seed for listing in self.listings], np.uint64)
        self._scale: Floats = np.array(
            [self._ticks(asset, listing) for asset, listing in zip(assets, self.listings, strict=True)]
        )
        self._size: Floats = np.array(
            [TYPICAL_NOTIONAL / a.price * 10.0**a.quantity_decimals for a in assets]
        )
        self._period = np.array([int(SECOND / tape.rates[number]) for number, _ in pairs], np.int64)

    def _list(self, asset: Asset, quote: str) -> Listing:
        symbol = f"{asset.name}/{quote}"
        seed = seed_of(self.tape.seed, self.name, symbol)
        first_id = 1_000_000_000 + seed % 90_000_000
        return Listing(
            symbol=symbol,
            base=asset.name,
            quote=quote,
            price_decimals=asset.price_decimals,
            quantity_decimals=asset.quantity_decimals,
            first_id=first_id,
            first_fill=2 * first_id + 17,
            seed=seed,
        )

    def _ticks(self, asset: Asset, listing: Listing) -> float:
        # Quotes that are no dollar (none by default) would need a path of their own
        basis = 1 + BASIS * (listing.seed % 2001 / 1000 - 1) if listing.quote in USD_LIKE else 1.0
        return asset.price * basis * 10.0**asset.price_decimals

    def mid_ticks(self, which: Integers, at: Integers) -> Integers:
        """Return the best bid in ticks; the best ask is one tick above."""
        relative = self.tape.path.relative(self._asset[which], at)
        return np.maximum(1, (relative * self._scale[which]).astype(np.int64))

    def period(self, listing: int) -> int:
        """Return the mean time between two trades, in ns."""
        return int(self._period[listing])

    def mean_lots(self, listing: int) -> float:
        """Return the mean quantity of a trade, in lots: a fifth of the largest, by the fourth power in `trades`."""
        return LARGEST_STEP + float(self._size[listing]) / 5

    def count_at(self, at: int | Integers, which: Integers) -> Integers:
        """Return how many trades of each listing have happened up to and including `at`; negative before time."""
        number = (at - self.tape.origin) // self._period[which]
        return number + (self._instants(which, number) <= at)

    def _instants(self, which: Integers, number: Integers) -> Integers:
        period = self._period[which]
        jitter = unit(draw(self._seed[which], number)) * period
        return self.tape.origin + number * period + jitter.astype(np.int64)

    def trades(self, which: Integers, number: Integers) -> Trades:
        """Return the trades `number[i]` of the listings `which[i]`."""
        at = self._instants(which, number)
        bits = draw(self._seed[which] + np.uint64(1), number)
        buy = (bits & np.uint64(1)) == 1
        luck = unit(bits)
        lots = LARGEST_STEP + (self._size[which] * luck * luck * luck * luck).astype(np.int64)
        return Trades(which, number, at, self.mid_ticks(which, at) + buy, lots, buy)

    def stretch(self, listing: int, start: int, stop: int) -> Trades:
        """Return the trades `start <= number < stop` of one listing; none before number 0."""
        number = np.arange(max(0, start), max(0, start, stop), dtype=np.int64)
        return self.trades(np.full(len(number), listing, np.int64), number)

    def fills(self, which: Integers, number: Integers) -> Integers:
        """Return the number of the first fill of each trade: one trade holds one to three fills, without holes."""
        odd = draw(self._seed[which] + np.uint64(2), number) & np.uint64(1)
        return 2 * number + odd.astype(np.int64)

    def truth(self, symbol: str, first_id: int, last_id: int) -> list[TapeTrade]:
        """Return the trades with `first_id <= id <= last_id`, whether or not anybody was told of them."""
        number = self.number[symbol]
        listing = self.listings[number]
        found = self.stretch(number, first_id - listing.first_id, last_id - listing.first_id + 1)
        return [
            TapeTrade(
                listing.first_id + k,
                at,
                fixed(ticks, listing.price_decimals),
                fixed(lots, listing.quantity_decimals),
                "buy" if buy else "sell",
            )
            for k, at, ticks, lots, buy in rows(found)
        ]


def rows(trades: Trades) -> Iterable[tuple[int, int, int, int, bool]]:
    """Iterate number, instant, ticks, lots and taker-buys of `trades` as plain Python values."""
    columns = (trades.number, trades.at, trades.ticks, trades.lots, trades.buy)
    return zip(*(column.tolist() for column in columns), strict=True)
