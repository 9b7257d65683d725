"""Every bar series of price, volume, trend, momentum and volatility: incremental = batch = peek, settled, in bounds."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.series.catalog import SERIES, Domain, ParameterKind
from tests.core.series.oracles import ORACLES, expected
from tests.core.series.samples import bars_of, fed, recorded, walk

FAMILIES = ("price", "volume", "trend", "momentum", "volatility")
ROUNDING = {"atol": 1e-9, "rtol": 1e-9}
"""Own formulas may differ by rounding where the value itself is near 0."""
OURS = {"volume_ratio", "volume_zscore", "buy_share", "vwap", "ichimoku", "stdev_bands", "chop", "bollinger"}
ALWAYS = 2_000
"""Bars of each file that every run takes; all of them in a campaign."""


def tolerance(kind):
    return ROUNDING if kind in OURS else {"atol": 0, "rtol": 1e-9}


def arguments_of(kind):
    names = [each.name for each in SERIES[kind].parameters if each.kind is not ParameterKind.SERIES]
    return dict(zip(names, ORACLES[kind][0], strict=True))


def calculator_of(kind):
    make = SERIES[kind].make
    assert make is not None
    return make(arguments_of(kind))


def test_every_bar_series_has_an_oracle():
    kinds = [SERIES[name] for name in SERIES]
    ours = {kind.name for kind in kinds if kind.family in FAMILIES and kind.domain is Domain.BAR}

    assert ours == set(ORACLES)


@pytest.mark.parametrize("kind", ORACLES)
def test_oracles_are_tried_with_the_defaults(kind):
    parameters = [each for each in SERIES[kind].parameters if each.kind is not ParameterKind.SERIES]

    assert tuple(each.default for each in parameters) == ORACLES[kind][0]


@pytest.mark.parametrize("kind", ORACLES)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**32), price=st.sampled_from([1e-7, 1.0, 1e5]))
def test_bar_by_bar_equals_batch_and_peek(kind, seed, price):
    columns = walk(seed, 300, price=price, step=price / 1000)
    bars, calculator = bars_of(columns), calculator_of(kind)
    peeked, taken = [], []

    for bar in bars:
        peeked.append(calculator.peek(bar, bar.close))
        taken.append(calculator.update(bar, bar.close))

    np.testing.assert_array_equal(np.array(peeked), np.array(taken))
    scaled = {**tolerance(kind), "atol": tolerance(kind)["atol"] * max(1, price)}
    np.testing.assert_allclose(np.array(taken).T, expected(kind, columns), **scaled)


@pytest.mark.parametrize("kind", ORACLES)
def test_values_stay_in_their_bounds(kind):
    rows = fed(calculator_of(kind), bars_of(walk(7, 2000)))

    for output, row in zip(SERIES[kind].outputs, rows, strict=True):
        known = row[~np.isnan(row)]
        assert len(known) > 1000
        assert known.min() >= output.low - 1e-9
        assert known.max() <= output.high + 1e-9


@pytest.mark.parametrize("kind", ORACLES)
def test_there_is_a_value_once_its_history_is_there(kind):
    moving = bars_of(walk(3, 900, still=0))
    needs = SERIES[kind].history(arguments_of(kind))

    row = fed(calculator_of(kind), moving[:needs])[:, -1]

    assert not np.isnan(row).any()


FORGETTING = sorted(set(ORACLES) - {"obv", "trades", "vwap"})
"""All but those that count from a beginning."""


@pytest.mark.parametrize("kind", FORGETTING)
def test_after_its_history_the_start_no_longer_matters(kind):
    columns = walk(11, 1500, still=0)
    bars, needs = bars_of(columns), SERIES[kind].history(arguments_of(kind))
    long = fed(calculator_of(kind), bars)[:, -1]

    short = fed(calculator_of(kind), bars[-needs:])[:, -1]

    scale = 1000 if SERIES[kind].outputs[0].unit == "price" else 100
    np.testing.assert_allclose(short, long, rtol=1e-8, atol=1e-8 * scale)


@pytest.mark.parametrize("kind", sorted(ORACLES))
def test_names_are_given_in_english_and_german(kind):
    described = SERIES[kind]
    arguments = arguments_of(kind)

    for language in ("en", "de"):
        assert described.summary[language].format(**arguments)
        assert described.about[language].endswith(".")
    assert described.outputs[0].low < described.outputs[0].high
    assert not math.isnan(described.history(arguments))


def check_recorded(root, most):
    files = 0
    for name, columns in recorded(root):
        part = {field: values[:most] for field, values in columns.items()}
        bars = bars_of(part)
        for kind in ORACLES:
            got = fed(calculator_of(kind), bars)
            scale = np.abs(part["close"]).max()
            limits = tolerance(kind)
            np.testing.assert_allclose(
                got, expected(kind, part), rtol=limits["rtol"], atol=limits["atol"] * max(1, scale),
                err_msg=f"{kind} over {name}",
            )  # fmt: skip
        files += 1
    assert files >= 20


def test_every_recorded_file_gives_talibs_batch(recorded_data):
    check_recorded(recorded_data, ALWAYS)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_bar_of_every_recorded_file_gives_talibs_batch(recorded_data):
    check_recorded(recorded_data, None)
