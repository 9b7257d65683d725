"""Reading conditions: every sentence of the language's own page, its errors, and whatever somebody throws at it."""

import random

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import And, Comparison, Cross, Direction, Number, Series
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from crypto_portfolio_analyzer.errors import InvalidCondition, InvalidInput
from tests.core.conditions.hostile import CORPUS, generated
from tests.core.conditions.later import LATER

SENTENCES = [
    "price > 50000",
    "rsi(14) on 1h < 30 and price crosses above ema(50) on 15m",
    "(close exits bollinger(20, 2).lower..bollinger(20, 2).upper) on 1h",
    "volume on 5m > 3 * sma(volume, 20) on 5m",
    "price falls by 5% in 15m",
    'candle("hammer") on 4h and "BTC/USDT".change_percent_24h > -2%',
    "breaks_resistance(50) on 1h then price > ema(20) on 5m within 30m",
    "2 of (rsi(14) > 70, price > bollinger(20, 2).upper, volume_ratio(20) > 3) for 3 bars",
    "token.curve_progress > 80% and token.dev_sold == 0",
    'prediction("pump-30m").probability >= 0.7',
    "portfolio.drawdown > 10%",
    'position("BTC").pnl_percent < -20%',
    "sentiment(24h) < -0.4",
    "feed.age > 30s",
    '"ETH/USDT".price / "BTC/USDT".price > 0.05',
    "rsi(14) on 1h live < 30",
    "close > close[1]",
    "highest(high, 20) - lowest(low, 20) > 2 * atr(14)",
    "portfolio.weight(BTC) > 40%",
    'news.mentions("hack", 1h) >= 3',
    "token.volume(5m) > 50k",
]


@pytest.mark.parametrize("text", SENTENCES)
def test_every_sentence_of_the_page_is_read_and_spelled_to_the_same_tree(text):
    condition = read_condition(text, "1m", LATER)

    assert read_condition(condition.spelling, "1m", LATER).question == condition.question


def test_a_condition_is_a_tree_of_series_with_units_and_timeframes():
    condition = read_condition("rsi(14) on 1h < 30 and price crosses above ema(50)", "60m")

    rsi = Series("rsi", "", (14,), Unit.INDEX, Domain.BAR, timeframe="1h")
    ema = Series("ema", "", (50,), Unit.PRICE, Domain.BAR, timeframe="1h")
    price = Series("price", "", (), Unit.PRICE, Domain.TICK)
    assert condition.question == And(
        (Comparison("<", rsi, Number(30.0, Unit.NUMBER, "30")), Cross(Direction.UP, price, ema))
    )
    assert condition.timeframe == "1h"
    assert condition.cautions == ()


ERRORS = [
    """
price crosses abov 50000
              ^^^^ unknown word 'abov'; after 'crosses' comes 'above' or 'below', or a value
""",
    """
rsi(14) > 50000
          ^^^^^ rsi is an index from 0 to 100; this can never be true
""",
]


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_names_the_place_the_fault_and_the_remedy(error):
    text, *_ = error.strip("\n").splitlines()

    with pytest.raises(InvalidCondition) as caught:
        read_condition(text)

    assert str(caught.value) == error.strip("\n")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("price crosses abov 50000", "price crosses above 50000"),
        ("prise > 3", "price > 3"),
        ("price > 50000,5", "price > 50000.5"),
        ("price > 50.000,50", "price > 50000.50"),
        ("price > 0,015", "price > 0.015"),
        ("price croses above 3", "price crosses above 3"),
        ("price above 3", "price > 3"),
        ("price = 3", "price == 3"),
        ("price ≥ 3", "price >= 3"),
        ("price > 3 && bid < 5", "price > 3 and bid < 5"),
        ("candle(“hammer”)", 'candle("hammer")'),
        ("candle('hammer')", 'candle("hammer")'),
        ("rsi 14 > 3", "rsi(14) > 3"),
        ("rsi(14) on 15M > 4", "rsi(14) on 15m > 4"),
        ("price on 1h > 3", "close on 1h > 3"),
        ("price > $5", "price > 5"),
        ("price > 3 USDT", "price > 3"),
        ("volume > 2m", "volume > 2M"),
        ("rsi(14) > 70%", "rsi(14) > 70"),
        ("buy_share(20) > 70", "buy_share(20) > 70%"),
        ('candle("hamer")', 'candle("hammer")'),
        ('talib("RSJ", 14) > 5', 'talib("RSI", 14) > 5'),
        ("price crosses above 3 for 5m", "price crosses above 3"),
        ("bollinger(20).uper > 3", "bollinger(20).upper > 3"),
        ("sma(price, 20) > 3", "sma(close, 20) > 3"),
        ("price inside 5..3", "price inside 3..5"),
        ("(price > 3", "(price > 3)"),
        ("price > 3)", "price > 3"),
        ('candle("hammer', None),
    ],
)
def test_an_error_knows_what_would_be_right(text, fix):
    with pytest.raises(InvalidCondition) as caught:
        read_condition(text)

    assert caught.value.fix == fix
    if fix is not None:
        read_condition(fix)


def test_a_timeframe_that_is_none_is_refused():
    with pytest.raises(InvalidInput):
        read_condition("price > 3", "7m")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (" and ".join(f"price > {number}" for number in range(1, 24)), "at most 64 parts"),
        ("(" * 33 + "price > 1" + ")" * 33, "parentheses"),
        ("not " * 17 + "price > 1", "nested more than 16"),
        ("price > " + "-" * 17 + "1", "nested more than 16"),
        ("price > " + "+".join(["bid"] * 67), "in a row"),
        ("price > 1" + " " * 600, "at most 512 characters"),
        ("close[10001] > 1", "from 0 to 10000"),
        ("highest(high, 10001) > 1", "from 1 to 10000"),
        ("price > 1 for 10001 bars", "from 1 to 10000"),
        ("price > 1 for 91d", "at most 90 days"),
        ("highest(price, 2161h) > 1", "at most 90 days"),
        ("price > 1e400", "larger"),
        ("price > 1e-400", "smaller"),
        ("price > nan", "nan"),
        ("price > inf", "inf"),
        ("price > " + "9" * 41, "40 characters"),
    ],
)
def test_limits_are_kept(text, problem):
    with pytest.raises(InvalidCondition, match=problem):
        read_condition(text)


def test_what_is_spelled_out_beyond_the_limit_is_refused_at_once():
    text = "(" + " or ".join(["high > supertrend"] * 15) + ") on 12h"

    with pytest.raises(InvalidCondition, match="spelled out"):
        read_condition(text)


@pytest.mark.parametrize("text", CORPUS)
def test_nothing_hostile_escapes(text):
    read_or_refused(text)


def test_nothing_generated_escapes():
    fuzz(1500, seed=1)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_nothing_escapes_from_a_hundred_thousand():
    fuzz(100_000, seed=2)


def fuzz(count, seed):
    chance = random.Random(seed)
    outcomes = [read_or_refused(generated(chance)) for _ in range(count)]

    assert 0.05 < sum(outcomes) / count < 0.95, "the fuzz must reach both what is right and what is wrong"


def read_or_refused(text):
    """Read a text; an error must be an InvalidCondition with a place in the text, and a fix that is right."""
    condition = error = None
    try:
        condition = read_condition(text)
    except InvalidCondition as refusal:
        error = refusal
    if condition is not None:
        assert read_condition(condition.spelling).question == condition.question
        return True
    assert error is not None
    assert 0 <= error.start <= error.end <= len(text)
    assert error.problem
    assert str(error)
    if error.fix is not None:
        read_condition(error.fix)
    return False
