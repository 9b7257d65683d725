"""Every kind in the catalogue says what it is, whoever wrote its family."""

import pytest

from crypto_portfolio_analyzer.core.series.catalog import SERIES, Domain, ParameterKind, SeriesKind

KINDS = [SERIES[name] for name in SERIES]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_speaks_both_languages_and_can_be_computed(kind: SeriesKind) -> None:
    assert {"en", "de"} <= set(kind.summary)
    assert {"en", "de"} <= set(kind.about)
    assert kind.outputs
    assert kind.family
    if kind.domain is Domain.TICK:
        assert kind.read is not None
    elif kind.name != "talib":  # that one stands for a function which is named behind it
        assert kind.make is not None


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_series_comes_first_and_defaults_are_in_range(kind: SeriesKind) -> None:
    places = [place for place, each in enumerate(kind.parameters) if each.kind is ParameterKind.SERIES]

    assert places in ([], [0])
    for each in kind.parameters:
        if isinstance(each.default, int | float):
            assert each.least <= each.default <= each.most or each.default == 0
        if each.choices and each.default is not None:
            assert each.default in each.choices


def test_an_output_is_found_by_name_and_the_first_without_one() -> None:
    bands = SERIES["bollinger"]

    assert [bands.output(name) for name in ("", "upper", "lower", "nothing")] == [0, 0, 2, None]
