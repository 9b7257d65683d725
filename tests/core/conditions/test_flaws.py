"""Flaws: places, and what would be right."""

from crypto_portfolio_analyzer.core.conditions.flaws import Flaw, listed, nearest


def test_a_flaw_knows_the_whole_text_that_would_be_right():
    assert Flaw(2, 4, "wrong", "XY").fixed("abcdef") == "abXYef"
    assert Flaw(2, 2, "missing", ")").fixed("ab") == "ab)"
    assert Flaw(0, 1, "everywhere", "-", everywhere="ac").fixed("abca") == "-b--"
    assert Flaw(0, 1, "who knows").fixed("abc") is None


def test_near_is_what_is_spelled_alike_in_any_case():
    assert nearest("PRISE", ["price", "close"]) == "price"
    assert nearest("bb", ["BBANDS", "MA"]) is None
    assert nearest("zzz", ["price"]) is None


def test_lists_read_like_sentences():
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b or c"
    assert listed(["a", "b"], "and") == "a and b"
