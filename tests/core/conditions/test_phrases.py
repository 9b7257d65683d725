"""Phrases: numbers and spans as each language writes them."""

import pytest

from crypto_portfolio_analyzer.core.conditions import english, german
from crypto_portfolio_analyzer.core.conditions.phrases import Phrases
from crypto_portfolio_analyzer.core.conditions.tree import Number
from crypto_portfolio_analyzer.core.series.catalog import SERIES, Unit

ENGLISH, GERMAN = Phrases(english.WORDS, SERIES), Phrases(german.WORDS, SERIES)


@pytest.mark.parametrize(
    ("number", "in_english", "in_german"),
    [
        (Number(1_234_567.5, Unit.NUMBER, "1234567.5"), "1,234,567.5", "1.234.567,5"),
        (Number(50_000.0, Unit.NUMBER, "50k"), "50,000", "50.000"),
        (Number(-2.0, Unit.PERCENT, "-2%"), "-2%", "-2 %"),
        (Number(0.7, Unit.RATIO, "70%"), "70%", "70 %"),
        (Number(5400.0, Unit.DURATION, "1.5h"), "90 minutes", "90 Minuten"),
        (Number(100.0, Unit.NUMBER, "100"), "100", "100"),
        (Number(1.5, Unit.NUMBER, "1.50"), "1.5", "1,5"),
    ],
)
def test_numbers_are_written_as_the_language_does(number, in_english, in_german):
    assert ENGLISH.number(number) == in_english
    assert GERMAN.number(number) == in_german


def test_spans_are_counted_in_words():
    assert ENGLISH.span(1, None) == "1 bar"
    assert ENGLISH.span(None, 86_400 * 10**9) == "1 day"
    assert GERMAN.span(None, 3 * 86_400 * 10**9) == "3 Tagen"
    assert GERMAN.span(None, 10**9 // 2) == "0,5 Sekunden"
