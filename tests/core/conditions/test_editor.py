"""Editing: completions, signatures, and every series described."""

import json

import pytest

from crypto_portfolio_analyzer.core.conditions.editor import completions, describe_series, signature_help
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.series.catalog import SERIES
from tests.core.conditions.hostile import CORPUS


def words(text):
    return [each.text for each in completions(text, len(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pri", ["price"]),
        ("price cros", ["crosses", "crossing"]),
        ("price crosses ab", ["abs", "above"]),
        ("price rises b", ["bid", "bearish_candle", "bollinger", "breaks_resistance"]),
        ("price rises by 5% ", ["in"]),
        ("close on ", ["1m", "1h", "1w"]),
        ("close on 1", ["1m", "15m", "1h", "12h", "1d", "1w"]),
        ("bollinger(20, 2).", ["upper", "middle", "lower", "width", "percent_b"]),
        ("BTCUSDT.bollinger.u", ["upper"]),
        ("feed.", ["age", "gap", "source_count"]),
        ('"BTC/USDT".pri', ["price"]),
        ("ETHUSDT.feed.a", ["age"]),
        ('candle("ham', ["hammer"]),
        ('talib("BBAN', ["BBANDS"]),
        ("price > 3 ", ["and", "or", "for", "within", "then"]),
        ("price ", [">", "crosses", "inside", "rises"]),
    ],
)
def test_what_may_stand_at_the_cursor_is_offered(text, expected):
    assert set(expected) <= set(words(text))


def test_completions_replace_what_is_written_there():
    (completion,) = completions("pri > 5", 3)

    assert ("pri > 5"[completion.start : completion.end], completion.kind) == ("pri", "series")
    assert completion.about == "The price of the newest trade."
    assert completions("pri", 3, "de")[0].about == "Der Preis des jüngsten Handels."


@pytest.mark.parametrize("text", ["price > $", "price 5 ", "zzz.yyy", 'x("', "price > 5x", '"'])
def test_nothing_is_offered_where_nothing_fits(text):
    assert [each for each in words(text) if each.startswith("zz")] == []


@pytest.mark.parametrize(
    ("text", "label", "active"),
    [
        ("rsi(", "rsi([source], length = 14)", 0),
        ("rsi(14", "rsi([source], length = 14)", 1),
        ("rsi(close, 1", "rsi([source], length = 14)", 1),
        ("rsi(14, 15", "rsi([source], length = 14)", None),
        ("price > max(bid, macd(12, ", "macd([source], fast = 12, slow = 26, signal = 9)", 2),
        ('candle("ham', 'candle("name")', 0),
        ('talib("RSI", ', 'talib("RSI", [source], timeperiod = 14)', 0),
        ('talib("RSI", 14', 'talib("RSI", [source], timeperiod = 14)', 1),
        ("BTCUSDT.atr(", "atr(length = 14)", 0),
    ],
)
def test_help_says_what_the_parentheses_take(text, label, active):
    help_ = signature_help(text, len(text))

    assert help_ is not None
    assert (help_.label, help_.active) == (label, active)


@pytest.mark.parametrize("text", ["price", "(price", "rsi(14) > ", "max(", "zzz(", "$("])
def test_no_help_where_no_series_is_open(text):
    assert signature_help(text, len(text)) is None


@pytest.mark.parametrize("text", CORPUS)
def test_an_editor_survives_whatever_is_typed(text):
    for cursor in (0, len(text) // 2, len(text)):
        completions(text, cursor)
        signature_help(text, cursor)


def test_every_series_is_described_in_plain_json():
    described = json.loads(json.dumps(describe_series(), allow_nan=False))

    assert [each["name"] for each in described] == SERIES.names()
    rsi = next(each for each in described if each["name"] == "rsi")
    assert rsi["outputs"] == [{"name": "", "unit": "index", "low": 0.0, "high": 100.0}]
    assert rsi["parameters"][1]["least"] == 2
    assert rsi["about"].keys() == {"en", "de"}


def test_what_is_offered_can_be_read():
    for offered in completions("", 0):
        if offered.kind == "series" and not SERIES[offered.text].parameters:
            text = offered.text if SERIES[offered.text].outputs[0].unit == "flag" else f"{offered.text} > 1"
            read_condition(text)
