"""Tests of core/series/wording.py."""

import math

from crypto_portfolio_analyzer.core.series.catalog import ParameterKind, Unit
from crypto_portfolio_analyzer.core.series.wording import (
    EMA_SETTLES,
    WILDER_SETTLES,
    count,
    index,
    known,
    length,
    lengths,
    number,
    one,
    prices,
    quotient,
    texts,
    whole,
)


def test_after_the_stated_lengths_an_average_has_forgotten_its_start():
    for bars in (2, 14, 50, 200):
        assert (1 - 2 / (bars + 1)) ** (EMA_SETTLES * bars) < 3e-10
        assert (1 - 1 / bars) ** (WILDER_SETTLES * bars) < 1e-9


def test_parameters_say_what_may_be_written():
    assert (length(14, least=2).name, length(14, least=2).least) == ("length", 2)
    assert count("fast", 12).kind is ParameterKind.COUNT
    assert number("multiplier", 3.0).kind is ParameterKind.NUMBER


def test_histories_follow_the_arguments():
    assert lengths()({"length": 20}) == 20
    assert lengths(11, 1)({"length": 20}) == 221
    assert lengths(name="fast")({"fast": 3}) == 3
    assert one({}) == 1
    assert whole({"length": 20.0}) == 20


def test_outputs_have_units():
    assert [each.name for each in prices("upper", "lower")] == ["upper", "lower"]
    assert (index().unit, index().high, index(low=-100).low) == (Unit.INDEX, 100, -100)


def test_the_accusative_is_given_where_it_differs():
    assert texts("the spread", "die Spanne") == {"en": "the spread", "de": "die Spanne"}
    assert texts("the price", "der Preis", "den Preis")["de_acc"] == "den Preis"


def test_nothing_and_division_by_zero_are_unknown():
    assert math.isnan(known(None))
    assert known(2.0) == 2.0
    assert math.isnan(quotient(1.0, 0.0))
    assert quotient(1.0, 4.0) == 0.25
