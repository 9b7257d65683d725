"""Telling: levels first, then the moment; parts in parentheses where they would blur."""

from crypto_portfolio_analyzer.core.conditions.english import GRAMMAR
from crypto_portfolio_analyzer.core.conditions.german import GRAMMAR as GERMAN
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.telling import Teller
from crypto_portfolio_analyzer.core.series.catalog import SERIES


def sentence(text, grammar=GRAMMAR):
    return Teller(grammar, SERIES).sentence(read_condition(text).question)


def test_the_moment_comes_last_wherever_it_was_written():
    assert sentence("price crosses 5 and bid > 3") == sentence("bid > 3 and price crosses 5")
    assert sentence("price crosses 5 and bid > 3").endswith(", at the moment when the price crosses 5")


def test_mixed_joins_keep_their_parentheses():
    assert sentence("(price > 1 and bid > 2) or ask > 3") == (
        "(the price is above 1 and the bid is above 2) or the ask is above 3"
    )


def test_subordinate_clauses_end_with_the_verb_where_the_language_wants_it():
    assert sentence("not price > 5", GERMAN).endswith("dass der Preis über 5 liegt")
    assert sentence("not price > 5").endswith("that the price is above 5")
