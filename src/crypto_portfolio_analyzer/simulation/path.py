"""The price all venues share: fractal noise over time, plus the jumps a script asks for.

Eleven octaves from 1 s to 12 days, each four times as long and twice as high as the one before, look like a
random walk, yet the price at any instant is found without walking there. Only additions and multiplications
are used, so that every machine gets the same bits.
"""

import numpy as np

from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.simulation.noise import Bits, Floats, Integers, draw, seed_of, signed
from crypto_portfolio_analyzer.simulation.wording import DAY, SECOND

MAX_VOLATILITY = 0.08
"""Above it the octaves could add up to a price of zero."""

_PERIODS = tuple(SECOND * 4**octave for octave in range(11))


class PricePath:
    """Relative prices of several assets; 1.0 is each asset's price at `start_at`."""

    def __init__(self, seeds: Bits, *, start_at: int, volatility: float) -> None:
        if not 0 <= volatility <= MAX_VOLATILITY:
            message = f"volatility {volatility} is out of range; a daily fraction from 0 to {MAX_VOLATILITY} is right"
            raise InvalidInput(message)
        self._start_at = start_at
        self._octaves = [
            (period, volatility * (period / DAY) ** 0.5, seeds ^ np.uint64(seed_of("octave", number)))
            for number, period in enumerate(_PERIODS)
        ]
        assets = np.arange(len(seeds), dtype=np.int64)
        self._offset = self._wander(assets, np.full(len(seeds), start_at, np.int64))
        self._jumps: dict[int, tuple[list[float], list[float]]] = {}

    def relative(self, which: Integers, at: Integers) -> Floats:
        """Return the price of asset `which[i]` at instant `at[i]` (ns), relative to its price at the start."""
        values = 1.0 + (self._wander(which, at) - self._offset[which])
        for asset, (instants, factors) in self._jumps.items():
            here = which == asset
            if here.any():
                since = (at[here] - self._start_at).astype(np.float64)
                values[here] *= np.interp(since, instants, factors)
        return values

    def jump(self, asset: int, percent: float, *, at: int, lasting: float) -> None:
        """Move `asset` by `percent` for good, from instant `at` on, evenly over `lasting` seconds."""
        instants, factors = self._jumps.setdefault(asset, ([0.0], [1.0]))
        begin = max(float(at - self._start_at), instants[-1] + 1)
        instants += [begin, begin + max(1.0, lasting * SECOND)]
        factors += [factors[-1], factors[-1] * (1 + percent / 100)]

    def _wander(self, which: Integers, at: Integers) -> Floats:
        total = np.zeros(len(at))
        for period, height, seeds in self._octaves:
            cell = at // period
            share = (at - cell * period) / period
            share = share * share * (3.0 - 2.0 * share)
            asset_seeds = seeds[which]
            left = signed(draw(asset_seeds, cell))
            right = signed(draw(asset_seeds, cell + 1))
            total += height * (left + (right - left) * share)
        return total
