"""What a reader sees as one character is never cut in two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.notices.graphemes import cut, graphemes, width

WHOLE = ["👩\u200d👩\u200d👧\u200d👦", "🇩🇪", "👍🏽", "❤️\u200d🔥", "e\u0301\u0302", "1️⃣", "🏴\u200d☠️", "a", "क्"]


@pytest.mark.parametrize("one", WHOLE)
def test_one_character_is_one(one):
    assert list(graphemes(one)) == [one]
    assert cut(one * 3, 2) == f"{one}…"


def test_flags_are_told_apart():
    assert list(graphemes("🇩🇪🇫🇷🇩")) == ["🇩🇪", "🇫🇷", "🇩"]


def test_ends_are_seen():
    assert cut("a b", 3) == "a b"
    assert cut("a bcd", 3) == "a…"
    assert width("") == 0


@given(st.text(), st.integers(1, 20))
def test_nothing_is_lost_and_no_cut_is_too_long(text, limit):
    assert "".join(graphemes(text)) == text
    assert width(cut(text, limit)) <= limit


@given(st.lists(st.sampled_from(WHOLE), min_size=3), st.integers(1, 5))
def test_cuts_fall_between_characters(parts, limit):
    text = "".join(parts)
    kept = cut(text, limit).removesuffix("…")

    assert list(graphemes(text))[: width(kept)] == list(graphemes(kept))


@given(st.text(st.sampled_from("a€▲\u20e3\u0301🚨👍🏽🇩\ufe0f\u200d・−")))
def test_width_is_the_number_of_graphemes(text):
    assert width(text) == len(list(graphemes(text)))
