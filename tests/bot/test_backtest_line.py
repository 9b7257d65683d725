"""The back-test line: from the bars at hand, and honest when there are none."""

import pytest

from crypto_portfolio_analyzer.bot.backtest_line import backtest_line, frame_of
from crypto_portfolio_analyzer.bot.words import Words
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.market import Bar
from tests.fakes import MINUTE


def minutes(house, count):
    """Return minutes that swing between 99 and 101, the last one just over."""
    end = house.app.clock.now() // MINUTE * MINUTE
    return [
        Bar("binance", "BTC/USDT", "1m", at, at + MINUTE, 100.0, 101.0, 99.0, 100.0, 1.0, True, at)
        for at in range(end - count * MINUTE, end, MINUTE)
    ]


async def test_it_counts_over_what_is_stored(house):
    await house.app.bars.save(minutes(house, 700))

    line = await backtest_line(house.app, Words("en"), "BTC/USDT", "price crosses above 100.5", "1m")

    assert line.startswith("Back-test: ")
    assert "× in 11h 40m" in line
    assert "median after 1 h" in line


@pytest.mark.parametrize(("symbol", "condition"), [("ETH/USDT", "price > 1"), ("BTC/USDT", "price > 1")])
async def test_without_bars_it_says_so(house, symbol, condition):
    line = await backtest_line(house.app, Words("de"), symbol, condition, "1m")

    assert line == "Rückblick: noch keine Balken da"


async def test_what_is_about_other_symbols_too_is_left_out(house):
    await house.app.bars.save(minutes(house, 100))

    line = await backtest_line(house.app, Words("en"), "BTC/USDT", "eth:price > 3000", "1m")

    assert line == "Back-test: no bars at hand yet"


@pytest.mark.parametrize(
    ("condition", "frame"),
    [
        ("price > 1", "1m"),
        ("rsi(14) on 1h < 30", "1h"),
        ("rsi(14) on 1h < 30 and rsi(14) on 4h < 40", "1m"),
        ("rsi(14) on 1h < 30 and price > 1", "1m"),
    ],
)
def test_bars_are_as_long_as_the_condition_allows(condition, frame):
    assert frame_of(read_condition(condition)) == frame
