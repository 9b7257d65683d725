"""What decided, in a reader's words."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Leaf, Operand
from crypto_portfolio_analyzer.core.notices.deciding import condition_of, moved_by, price_before, values_of
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from tests.core.notices.made import AT, CROSSING, FALL, RSI, alert, firing

ENGLISH, GERMAN = reader_of({}, AT), reader_of({"language": "de"}, AT)


def leaf(text, left, right, **changes):
    return Leaf(text, True, Operand(*left), Operand(*right), **changes)


@pytest.mark.parametrize(
    ("condition", "decided", "english", "german"),
    [
        ("price > 65000", leaf("price > 65000", ("price", 65012.4), ("65000", 65000.0)), [], []),
        ("rsi(14) on 1h > 70", RSI, ["RSI(14) on 1h 71.2 > 70"], ["RSI(14) im 1h-Chart 71,2 > 70"]),
        (
            "rsi(14) on 1h > 70",
            leaf("rsi(14) on 1h > 70", ("rsi(14) on 1h", 70.0004), ("70", 70.0)),
            ["RSI(14) on 1h 70.0004 > 70"],
            ["RSI(14) im 1h-Chart 70,0004 > 70"],
        ),
        (
            "ema(20) on 1h crosses above ema(50) on 1h",
            leaf("ema(20) crosses above ema(50)", ("ema(20)", 101.5), ("ema(50)", 101.25)),
            ["EMA(20) on 1h 101.50 ↗ EMA(50) on 1h 101.25"],
            ["EMA(20) im 1h-Chart 101,50 ↗ EMA(50) im 1h-Chart 101,25"],
        ),
        ("price falls by 5% in 15m", FALL, ["−5.27%"], ["−5,27\u00a0%"]),
        (
            "change_percent_24h > 5",
            leaf("change_percent_24h > 5", ("change_percent_24h", 5.25), ("5", 5.0)),
            ["24 h change in percent 5.25% > 5"],
            ["24-h-Änderung in Prozent 5,25\u00a0% > 5"],
        ),
        (
            "rsi(14) on 1h inside 30..70",
            leaf("rsi(14) on 1h inside 30..70", ("rsi(14) on 1h", 50.5), ("30", 30.0)),
            ["RSI(14) on 1h 50.5"],
            ["RSI(14) im 1h-Chart 50,5"],
        ),
        (
            "volume > 5",
            leaf("volume > 5", ("volume", None), ("5", 5.0)),
            ["volume on 1h – > 5"],
            ["Volumen im 1h-Chart – > 5"],
        ),
    ],
)
def test_values_in_both_languages(condition, decided, english, german):
    of = alert(condition, timeframe="1h")
    fired = firing(of, decided)

    assert list(values_of(fired, of, ENGLISH)) == english
    assert list(values_of(fired, of, GERMAN)) == german


def test_only_what_held_is_told():
    of = alert("rsi(14) on 1h > 70")

    assert list(values_of(firing(of, replace(RSI, holds=False)), of, ENGLISH)) == []


def test_condition_is_told_in_the_readers_language_without_the_price():
    of = alert()
    fired = firing(of, CROSSING)

    assert condition_of(fired, of, ENGLISH) == "crosses above 65,000"
    assert condition_of(fired, of, GERMAN) == "kreuzt 65.000 nach oben"


def test_condition_of_another_grammar_is_told_as_the_evidence_has_it():
    of = replace(alert(), condition="price did what no grammar knows")
    fired = firing(alert(), replace(CROSSING, text="gone"))

    assert condition_of(fired, of, ENGLISH) == "price crosses above 65000"
    assert list(values_of(fired, of, ENGLISH)) == []


def test_moves_are_those_of_the_price():
    of = alert("price falls by 5% in 15m")

    assert moved_by(firing(of, FALL)) == pytest.approx(-5.2667, abs=1e-4)
    assert moved_by(firing(of, CROSSING)) is None
    assert moved_by(firing(of, replace(FALL, left=Operand("at the start", 0.0)))) is None
    assert price_before(firing(of, CROSSING)) == 64987.1
    assert price_before(firing(of, RSI)) is None
