"""Summaries: a condition as a plain sentence, in English or German."""

from crypto_portfolio_analyzer.core.conditions import english, german
from crypto_portfolio_analyzer.core.conditions.names import Catalogue
from crypto_portfolio_analyzer.core.conditions.telling import Teller
from crypto_portfolio_analyzer.core.conditions.tree import Condition
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.errors import UnknownName

GRAMMARS = {"en": english.GRAMMAR, "de": german.GRAMMAR}


def summarise(condition: Condition, symbol: str, language: str = "en", catalogue: Catalogue = SERIES) -> str:
    """Return what a condition asks of a symbol, as a sentence of `en` or `de`; raises UnknownName for others."""
    if language not in GRAMMARS:
        raise UnknownName("language", language, GRAMMARS)
    return f"{symbol}: {Teller(GRAMMARS[language], catalogue).sentence(condition.question)}"
