"""Names: dotted series, outputs, symbols, and what was probably meant."""

import pytest

from crypto_portfolio_analyzer.core.conditions.lexing import tokens_of
from crypto_portfolio_analyzer.core.conditions.names import named, output_of, subject_of, text_of, vocabulary
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.syntax import Path, parsed
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from crypto_portfolio_analyzer.errors import InvalidCondition
from tests.core.conditions.later import LATER


def path(text):
    node = parsed(tokens_of(text))
    assert isinstance(node, Path)
    return node


@pytest.mark.parametrize(
    ("text", "word", "subject", "output"),
    [
        ("price", "price", None, None),
        ("feed.age", "feed.age", None, None),
        ("FEED.Age", "feed.age", None, None),
        ("macd(12, 26, 9).signal", "macd", None, "signal"),
        ("macd.signal", "macd", None, "signal"),
        ('"BTC/USDT".price', "price", "BTC/USDT", None),
        ("ETHUSDT.feed.age", "feed.age", "ETH/USDT", None),
        ("ETH.bollinger(20).upper", "bollinger", "ETH/USDT", "upper"),
        ("OPEN.close", "close", "OPEN/USDT", None),
        ("token.volume(5m)", "token.volume", None, None),
        ('position("BTC").pnl_percent', "position", None, "pnl_percent"),
        ("portfolio.weight(BTC)", "portfolio.weight", None, None),
        ("highest(close, 5)", "highest", None, None),
    ],
)
def test_a_path_is_subject_series_and_output(text, word, subject, output):
    found = named(path(text), LATER)

    assert (found.word, found.subject, found.output and found.output.name) == (word, subject, output)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("prise > 1", "unknown word 'prise'; did you mean 'price'?"),
        ("zzzz > 1", "unknown word 'zzzz'"),
        ("ETHUSDT.prise > 1", "unknown word 'prise'; did you mean 'price'?"),
        ("fed.age > 1", "unknown word 'fed'"),
        (
            "bollinger(20).uper > 1",
            "bollinger has no 'uper'; it gives upper, middle, lower, width and percent_b",
        ),
        ("rsi(14).upper > 1", "rsi has no 'upper'; it gives one number, without a name"),
        ("macd.signal(3) > 1", "'signal' takes nothing; write parameters behind macd"),
        ("macd.signal.x > 1", "nothing can stand behind '.signal'"),
        ('"BTC/USDT" > 1', '"BTC/USDT" is a text; behind it comes a series: "BTC/USDT".price'),
        ("talib(14) > 1", 'talib takes a function by name: talib("RSI", 14)'),
        ('talib("RSJ") > 1', "TA-Lib has no function 'RSJ'; did you mean 'RSI'?"),
        ("50x > 1", "'50x' is no number; write a number like 50000"),
        ("nan > price", "nothing can be compared with 'nan'"),
    ],
)
def test_what_is_unknown_is_named_with_what_is_near(text, problem):
    with pytest.raises(InvalidCondition) as caught:
        read_condition(text)

    assert problem in caught.value.problem


def test_texts_and_symbols_and_outputs():
    assert text_of(path("hammer")) == "hammer"
    assert text_of(path('"any text"')) == "any text"
    assert text_of(path("a.b")) is None
    assert subject_of(path('"btc-usdt"').parts[0]) == "BTC/USDT"
    assert output_of(SERIES["macd"], None) == "macd"
    assert output_of(SERIES["rsi"], None) == ""
    assert {"price", "feed.age", "max", "stdev"} <= set(vocabulary(SERIES))
