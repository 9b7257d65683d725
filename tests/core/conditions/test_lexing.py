"""Lexing: words, numbers and signs with their places."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.conditions.flaws import Flaw
from crypto_portfolio_analyzer.core.conditions.lexing import KEYWORDS, tokens_of


def kinds(text):
    return [(token.type, str(token)) for token in tokens_of(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50_000 50k 2M 1.5e-8 .5 5% 5 %", ["NUMBER"] * 7),
        ("30s 15m 4h 1d 1w 4H 0.5s", ["DURATION"] * 7),
        ("1INCH 50x 1e5e5 5kk 1__0 1_", ["WORD"] * 6),
        ("50..60", ["NUMBER", "DOTS", "NUMBER"]),
        ("1.5.. .5", ["NUMBER", "DOTS", "NUMBER"]),
        ("a.on b.for", ["WORD", "DOT", "WORD", "WORD", "DOT", "WORD"]),
        ("> >= < <= == !=", ["COMPARE"] * 6),
        ("Price CROSSES Above", ["WORD", "CROSSES", "ABOVE"]),
        ('"BTC/USDT".x', ["STRING", "DOT", "WORD"]),
        ("größe", ["WORD"]),
    ],
)
def test_pieces_are_what_they_look_like(text, expected):
    assert [kind for kind, _ in kinds(text)] == expected


@given(st.lists(st.sampled_from([*KEYWORDS, "price", "50", "5%", "30s", '"x y"', "(", ")", "..", ">="])))
def test_places_lead_back_to_the_text(words):
    text = " ".join([*words, "x"])

    assert [text[token.start_pos : token.end_pos] for token in tokens_of(text)] == list(
        map(str, tokens_of(text))
    )


@pytest.mark.parametrize(
    ("text", "place", "fixed"),
    [
        ("price ≥ 5", (6, 7), "price >= 5"),
        ("a && b", (2, 4), "a and b"),
        ("a || b", (2, 4), "a or b"),
        ("price > $5", (8, 9), "price > 5"),
        ("x(“a”)", (2, 3), 'x("a")'),
        ('x("a', (2, 4), 'x("a"'),
        ("a # b", (2, 3), None),
        ("", (0, 0), None),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place_and_what_was_meant(text, place, fixed):
    with pytest.raises(Flaw) as caught:
        tokens_of(text)

    assert (caught.value.start, caught.value.end) == place
    assert caught.value.fixed(text) == fixed


def test_what_is_too_long_is_not_even_looked_at():
    with pytest.raises(Flaw, match="at most 512"):
        tokens_of("#" * 10_000_000)
