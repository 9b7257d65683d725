"""Explaining: the grammar's refusals in words."""

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.errors import InvalidCondition


@pytest.mark.parametrize(
    ("text", "marked", "problem"),
    [
        ("price >", "", "the condition ends too early; after '>' comes a value"),
        ("price crosses", "", "after 'crosses' comes a value, 'above', 'below'"),
        ("price > 3 or", "", "after 'or' comes a value"),
        ("price rises by 5% in", "", "after 'in' comes a duration such as 15m"),
        ("price.", "", "after '.' comes a name"),
        ("(price > 3", "", "a ')' is missing here"),
        ("price > 3)", ")", "this ')' closes nothing"),
        ("price > 50,000", "50,000", "write 50000 or 50.000"),
        ("price > 50000,5", "50000,5", "decimals stand behind a point"),
        ("1 < price < 5", "<", "two values are compared at a time; join two comparisons with 'and'"),
        ("price croses above 3", "croses", "unknown word 'croses'; did you mean 'crosses'?"),
        ("pric 5", "pric", "unknown word 'pric'; did you mean 'price'?"),
        ("pric", "pric", "unknown word 'pric'; did you mean 'price'?"),
        ("price > 5 5x", "5x", "cannot stand here"),
        ("5x 5 > price", "5x", "'5x' is no number"),
        ("price crosses abov 5", "abov", "after 'crosses' comes 'above' or 'below', or a value"),
        ("price crosses abov", "abov", "after 'crosses' comes 'above' or 'below', or a value"),
        ("rsi 14 > 70", "rsi 14", "parameters stand in parentheses: rsi(14)"),
        ("price below 5", "below", "'below' goes with 'crosses'; for a level write <"),
        ("price > 5 USDT", " USDT", "leave 'USDT' out"),
        ("price > 5 close", "close", "'close' cannot stand here"),
        ("price 5", "5", "'5' cannot stand here; after 'price' comes a comparison such as >"),
        (") > 5", ")", "closes nothing"),
        ("and price > 5", "and", "a condition begins with a value"),
        ("price for 5m within", "", "comes a duration such as 15m"),
    ],
)
def test_every_refusal_says_where_and_what_comes_instead(text, marked, problem):
    with pytest.raises(InvalidCondition) as caught:
        read_condition(text)

    assert text[caught.value.start : caught.value.end] == marked
    assert problem in caught.value.problem
