"""Tests of core/series/talib_function.py."""

import numpy as np
import pytest
import talib
from talib import abstract

from crypto_portfolio_analyzer.core.series.catalog import SERIES, ParameterKind
from crypto_portfolio_analyzer.core.series.talib_function import FUNCTIONS, Function
from crypto_portfolio_analyzer.errors import UnknownName
from tests.core.series.samples import bars_of, fed, walk

COLUMNS = walk(1, 300, still=0)
PLACES = {"MAXINDEX", "MININDEX", "MINMAXINDEX"}
"""Functions that number bars from the first they were given; a stream and a batch begin alike."""


def defaults(kind):
    parameters = [each for each in kind.parameters if each.kind is not ParameterKind.SERIES]
    return {each.name: each.default for each in parameters}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_equals_its_batch(name):
    kind = SERIES[f"talib:{name}"]
    assert kind.make is not None

    ours = fed(kind.make(defaults(kind)), bars_of(COLUMNS))

    batch = abstract.Function(name)(COLUMNS)  # type: ignore[attr-defined]  # its stub leaves it out
    theirs = np.atleast_2d(np.array(batch, float))
    known = ~np.isnan(ours)
    assert ours.shape == (len(kind.outputs), 300)
    np.testing.assert_allclose(ours[known], theirs[known], rtol=1e-9)
    assert (np.isnan(theirs) | ~np.isfinite(theirs) | known)[
        :, Function(name).history(defaults(kind)) :
    ].all()


def test_all_that_talib_has_is_there_but_one():
    assert set(talib.get_functions()) - set(FUNCTIONS) == {"MAVP"}


def test_parameters_and_outputs_bear_talibs_names():
    kind = SERIES["talib:BBANDS"]

    assert [each.name for each in kind.parameters] == ["source", "timeperiod", "nbdevup", "nbdevdn", "matype"]
    assert [each.name for each in kind.outputs] == ["upperband", "middleband", "lowerband"]
    assert kind.summary["en"].format(**defaults(kind)) == "TA-Lib BBANDS(20, 2.0, 2.0, 0)"


def test_names_may_be_written_small():
    assert SERIES["talib:rsi"].name == "talib:RSI"


def test_a_function_of_a_source_takes_it_in_the_place_of_the_close():
    kind = SERIES["talib:RSI"]
    assert kind.make is not None

    row = fed(kind.make({"timeperiod": 14}), bars_of(COLUMNS), COLUMNS["high"])[0]

    np.testing.assert_array_equal(row, talib.RSI(COLUMNS["high"], 14))


def test_an_infinite_result_is_unknown():
    kind = SERIES["talib:LN"]
    assert kind.make is not None

    assert np.isnan(fed(kind.make({}), bars_of(COLUMNS)[:3], [0.0, -1.0, 1.0])[0]).tolist() == [
        True,
        True,
        False,
    ]


def test_an_unknown_function_is_refused_with_its_nearest():
    with pytest.raises(UnknownName, match="RSI"):
        SERIES["talib:RSII"]


def test_a_recursive_function_settles_longer_than_it_looks_back():
    assert SERIES["talib:RSI"].history({"timeperiod": 14}) >= 294
    assert SERIES["talib:SMA"].history({"timeperiod": 14}) == 14
