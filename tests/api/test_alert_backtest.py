"""Back-tests over HTTP: which bars are enough, and that questions wait for each other."""

import asyncio

import pytest

from crypto_portfolio_analyzer.api.alert_backtest import Backtesting, Question, base_of
from crypto_portfolio_analyzer.api.problems import Problem
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import MINUTE
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.api.house import House


@pytest.mark.parametrize(
    ("condition", "timeframe", "base"),
    [
        ("price > 1", "1h", "1m"),
        ("close > 1", "1h", "1h"),
        ("close > 1", "1m", "1m"),
        ("rsi(14) on 4h < 30 and close > 1", "1h", "1h"),
        ("close on 15m > 1 and close on 10m > 1", "1h", "1m"),
        ("rsi(14) on 4h live < 30", "1h", "1m"),
    ],
)
def test_the_longest_bars_that_are_enough_are_taken(condition: str, timeframe: str, base: str) -> None:
    assert base_of(read_condition(condition, timeframe)).name == base


async def save(house: House, symbol: str, closes: list[float]) -> None:
    begin = house.app.clock.now() // MINUTE * MINUTE - len(closes) * MINUTE
    bars = [
        Bar(
            "binance", symbol, "1m", begin + at * MINUTE, begin + (at + 1) * MINUTE, close, close, close, close, 1.0,
            closed=True, received_at=begin,
        )
        for at, close in enumerate(closes)
    ]  # fmt: skip
    await house.app.bars.save(bars)


def backtesting(house: House) -> Backtesting:
    return house.server.doors.backtesting


async def test_other_symbols_of_a_condition_are_loaded_too(house: House) -> None:
    await save(house, "BTC/USDT", [1.0, 1.0, 1.0])
    await save(house, "ETH/USDT", [1.0, 2.0, 1.0])
    condition = read_condition('close < "ETH/USDT".close', "1m")
    asked = Question(condition=condition, symbol="BTC", days=1)
    result, _ = await backtesting(house).run(asked, house.app.clock.now())

    assert (result.symbol, result.count, result.bars) == ("BTC/USDT", 1, 3)


async def test_only_the_days_that_are_asked_for_are_judged(house: House) -> None:
    await save(house, "BTC/USDT", [2.0] * 60)
    condition = read_condition("close > 1", "1m")
    now = house.app.clock.now()
    result, _ = await backtesting(house).run(Question(condition=condition, symbol="BTC", bars=10), now)
    some, _ = await backtesting(house).run(Question(condition=condition, symbol="BTC", days=0.5 / 24), now)

    assert result.bars == 10
    assert some.bars == 30


async def test_questions_at_once_are_answered_one_after_the_other(house: House) -> None:
    await save(house, "BTC/USDT", [1.0, 3.0, 1.0, 3.0])
    asked = Question(condition=read_condition("close crosses above 2", "1m"), symbol="BTC", days=1)
    now = house.app.clock.now()
    answers = await asyncio.gather(*(backtesting(house).run(asked, now) for _ in range(5)))

    assert [result.count for result, _ in answers] == [2] * 5


async def test_too_much_and_too_little_are_refused(house: House) -> None:
    condition = read_condition("close > 1", "1m")
    now = house.app.clock.now()
    many = tuple(float(number) for number in range(30))

    with pytest.raises(Problem, match="more than one request may cost"):
        await backtesting(house).run(
            Question(condition=condition, symbol="BTC", days=60, thresholds=many), now
        )
    with pytest.raises(InvalidInput, match="no bars"):
        await backtesting(house).run(Question(condition=condition, symbol="BTC", days=1), now)
