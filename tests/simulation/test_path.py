"""The shared price."""

import numpy as np
import pytest

from crypto_portfolio_analyzer.errors import InvalidInput
from crypto_portfolio_analyzer.simulation.path import PricePath
from tests.fakes import MINUTE, NOON, SECOND

SEEDS = np.array([1, 2], np.uint64)


def path(volatility: float = 0.03) -> PricePath:
    return PricePath(SEEDS, start_at=NOON, volatility=volatility)


def price(path: PricePath, asset: int, at: int) -> float:
    return float(path.relative(np.array([asset]), np.array([at]))[0])


def test_every_asset_starts_at_one():
    assert price(path(), 0, NOON) == price(path(), 1, NOON) == 1.0


def test_the_same_instant_has_the_same_price_in_any_order():
    instants = NOON + np.arange(-500, 500) * 7 * SECOND
    which = np.zeros(len(instants), np.int64)

    forward, backward = path().relative(which, instants), path().relative(which, instants[::-1])

    assert (forward == backward[::-1]).all()


def test_a_day_moves_about_as_much_as_the_volatility_says():
    days = NOON - np.arange(300) * 1440 * MINUTE
    prices = path(0.03).relative(np.zeros(len(days), np.int64), days)

    assert 0.012 < np.diff(np.log(prices)).std() < 0.06


def test_a_second_moves_little():
    seconds = NOON + np.arange(10_000) * SECOND
    prices = path().relative(np.zeros(len(seconds), np.int64), seconds)

    assert np.abs(np.diff(prices) / prices[1:]).max() < 0.002


def test_without_volatility_nothing_moves():
    assert price(path(0.0), 0, NOON + 3600 * SECOND) == 1.0


def test_a_jump_moves_one_asset_from_its_instant_on():
    calm, jumped = path(), path()
    jumped.jump(0, 10.0, at=NOON + SECOND, lasting=0.0)

    assert price(jumped, 0, NOON + SECOND) == price(calm, 0, NOON + SECOND)
    assert price(jumped, 0, NOON + SECOND + 10) == pytest.approx(1.1 * price(calm, 0, NOON + SECOND + 10))
    assert price(jumped, 1, NOON + MINUTE) == price(calm, 1, NOON + MINUTE)


def test_a_lasting_jump_is_half_done_at_half_time():
    path_ = path(0.0)
    path_.jump(0, 10.0, at=NOON, lasting=10.0)

    assert price(path_, 0, NOON + 5 * SECOND) == pytest.approx(1.05, rel=1e-6)


def test_jumps_multiply():
    path_ = path(0.0)
    path_.jump(0, 10.0, at=NOON, lasting=0.0)
    path_.jump(0, -50.0, at=NOON + SECOND, lasting=0.0)

    assert price(path_, 0, NOON + MINUTE) == pytest.approx(0.55)


def test_a_volatility_that_could_reach_zero_is_refused():
    with pytest.raises(InvalidInput, match="volatility"):
        path(0.5)
