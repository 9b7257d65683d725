"""The picture of a back-test at the command line: its words, its level, its bars."""

import json
from pathlib import Path

import pytest

from crypto_portfolio_analyzer.cli.alert_past import asked_of_bars, asked_of_server, how
from crypto_portfolio_analyzer.cli.alert_picture import bars_of_server, drawn, level_of, picture_file
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.api.house import open_house
from tests.fakes import MINUTE, NOON

USUAL = how({"trigger": None, "cooldown": None, "rearm_percent": None, "rearm_level": None})


def bars(count: int, *, first: int = NOON, venue: str = "binance") -> list[Bar]:
    """Return minutes that stand at 100 and, each tenth, at 110."""
    prices = [110.0 if number % 10 == 9 else 100.0 for number in range(count)]
    return [
        Bar(venue, "BTC/USDT", "1m", first + number * MINUTE, first + (number + 1) * MINUTE,
            price, price, price, price, 1.0, True, first)
        for number, price in enumerate(prices)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "level"),
    [
        ("price crosses above 65000", 65000.0),
        ("close > 100 and volume > 5", 100.0),
        ("price > 100 or low < 90", None),
        ("rsi(14) < 30", None),
        ("macd > 0", None),
        ('"ETH/USDT".price > 100', None),
        ("ema(9) < 50k", 50000.0),
        ("close - open > 5", None),
        ("close > open", None),
    ],
)
def test_the_level_is_the_one_price_that_is_asked_for(condition, level):
    assert level_of(read_condition(condition, "1m")) == level


def test_the_picture_says_what_was_asked_and_what_came_of_it():
    past = bars(30)
    told = asked_of_bars("close > 105", past, None, USUAL)

    english, german = (drawn(told, past, each, is_dark=False) for each in ("en", "de"))

    assert english.count('class="mark"') == told["count"] == 3
    assert "would have fired 3 times in 30 bars, 2026-11-20 12:00 to 2026-11-20 12:30 UTC" in english
    assert "hätte 3-mal gefeuert in 30 Kerzen" in german
    assert "SIMULATED" not in english
    assert "SIMULATED" in drawn(told | {"simulated": True}, past, "en", is_dark=True)
    with pytest.raises(InvalidInput, match="no bars of BTC/USDT to draw"):
        drawn(told, [], "en", is_dark=False)


def test_a_file_of_another_kind_is_refused():
    assert picture_file(Path("a.SVG")) == Path("a.SVG")
    with pytest.raises(Failed, match="no name of an SVG"):
        picture_file(Path("a.png"))


async def test_a_server_s_bars_are_read_to_the_last_part(tmp_path):
    now = SystemClock().now()
    past = bars(2300, first=(now // MINUTE - 2310) * MINUTE)
    async with open_house(tmp_path, simulated=True) as house:
        house.tick("BTC/USDT", 100.0)
        await house.app.bars.save(past)
        told = await asked_of_server(house.app.settings, "close > 105", ("BTC", None, 2.0), USUAL)
        found = await bars_of_server(house.app.settings, told)
        text = drawn(told, found, "en", is_dark=False)

    assert [each.open_at for each in found] == [each.open_at for each in past]
    assert text.count('class="mark"') == told["count"] == 230
    assert "SIMULATED" in text
    assert json.dumps(told)
