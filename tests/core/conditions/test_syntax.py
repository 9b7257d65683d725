"""Syntax: what binds to what, with places; nesting has an end."""

import pytest

from crypto_portfolio_analyzer.core.conditions import syntax
from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.lexing import tokens_of


def parsed(text):
    return syntax.parsed(tokens_of(text))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a + b * c > d", syntax.Compared),
        ("a greater than b", syntax.Compared),
        ("a inside channel 1..2", syntax.Ranged),
        ("a crossing up b", syntax.Crossed),
        ("a moving down % 5 in 3 bars", syntax.Moved),
        ("not a > b for 5m", syntax.Negated),
        ("a > b and c or d", syntax.Joined),
        ("a then b and c", syntax.Sequenced),
        ("a within 5m for 3 bars", syntax.Spanned),
        ("2 of (a, b)", syntax.Choice),
        ("(a or b) on 1h live", syntax.Live),
        ("-a[1]", syntax.Minus),
        ('"x/y".a(1).b', syntax.Path),
    ],
)
def test_every_form_is_recognised_with_its_place(text, kind):
    node = parsed(text)

    assert type(node) is kind
    assert (node.start, node.end) == (0, len(text))


def test_products_bind_tighter_than_sums_and_both_from_the_left():
    node = parsed("a - b * c - d")

    assert isinstance(node, syntax.Operation)
    assert isinstance(node.left, syntax.Operation)
    assert isinstance(node.left.right, syntax.Operation)
    assert (node.operator, node.left.operator, node.left.right.operator) == ("-", "-", "*")


def test_a_timeframe_belongs_to_the_series_it_follows():
    node = parsed("a + b on 5m")

    assert isinstance(node, syntax.Operation)
    assert isinstance(node.right, syntax.On)
    assert (node.right.timeframe, node.right.place) == ("5m", 9)


@pytest.mark.parametrize(
    ("text", "word"),
    [("x moving up 5 in 5m", "rises"), ("x moving by 5 in 5m", "moves"), ("x Falls by 5 in 5m", "falls")],
)
def test_tradingviews_words_mean_ours(text, word):
    node = parsed(text)

    assert isinstance(node, syntax.Moved)
    assert node.word == word


def test_parentheses_are_no_depth_but_nesting_is():
    assert parsed("((((a))))").depth == 1
    assert parsed("a + b + c + d + e").depth == 2
    assert parsed("not (not (a > b))").depth == 4
    with pytest.raises(Flaw, match="more than 16"):
        parsed("not " * 16 + "a")


def test_chains_have_an_end():
    with pytest.raises(Flaw, match="in a row"):
        parsed("+".join("a" * 66))
