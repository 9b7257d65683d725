"""Summaries: conditions as plain sentences in two languages."""

import pytest
from hypothesis import assume, given, settings

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.spelling import spell_question
from crypto_portfolio_analyzer.core.conditions.summary import summarise
from crypto_portfolio_analyzer.errors import UnknownName
from tests.core.conditions.trees import questions

SAMPLE = "rsi(14) on 1h < 30 and price crosses above ema(50) on 15m"


def test_the_sentences_of_the_languages_own_page():
    condition = read_condition(SAMPLE)

    assert summarise(condition, "BTC/USDT", "en") == (
        "BTC/USDT: RSI(14) on 1h is below 30, at the moment when the price crosses above the EMA(50) on 15m"
    )
    assert summarise(condition, "BTC/USDT", "de") == (
        "BTC/USDT: RSI(14) im 1h-Chart liegt unter 30, "
        "in dem Augenblick, in dem der Preis den EMA(50) im 15m-Chart nach oben kreuzt"
    )


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownName):
        summarise(read_condition(SAMPLE), "BTC/USDT", "fr")


@settings(max_examples=100, deadline=None)
@given(question=questions)
def test_every_condition_can_be_said(question):
    text = spell_question(question)
    assume(len(text) <= 512)
    condition = read_condition(text)

    for language in ("en", "de"):
        sentence = summarise(condition, "BTC/USDT", language)
        assert sentence.startswith("BTC/USDT: ")
        assert "{" not in sentence
        assert "None" not in sentence
