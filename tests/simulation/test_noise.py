"""Noise that can be asked for in any order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.simulation.noise import draw, seed_of, signed, unit

positions = st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20)


@given(st.integers(0, 2**64 - 1), positions)
def test_each_position_gives_the_same_bits_alone_and_in_company(seed, where):
    seeds = np.full(len(where), seed, np.uint64)

    together = draw(seeds, np.array(where, np.int64)).tolist()

    assert together == [int(draw(seeds[:1], np.array([at], np.int64))[0]) for at in where]


def test_units_lie_between_zero_and_one_and_are_spread_evenly():
    bits = draw(np.full(20_000, 3, np.uint64), np.arange(20_000))

    assert 0 <= unit(bits).min() < 0.01
    assert 0.99 < unit(bits).max() < 1
    assert abs(unit(bits).mean() - 0.5) < 0.01
    assert abs(signed(bits).mean()) < 0.02


def test_seeds_depend_on_every_part_and_never_on_the_machine():
    assert seed_of(7, "path", "BTC") == 16215868477952970619
    assert seed_of(7, "path", "BTC") != seed_of(8, "path", "BTC")
    assert seed_of("ab", "c") != seed_of("a", "bc")
