"""Values: series with everything that is known of them, windows, arithmetic; what cannot be is refused."""

import pytest

from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.conditions.tree import (
    Arithmetic,
    Comparison,
    Function,
    Negated,
    Number,
    Series,
    Window,
)
from crypto_portfolio_analyzer.core.conditions.values import label, series_in, timeframe_of
from crypto_portfolio_analyzer.core.series.catalog import Domain, Unit
from crypto_portfolio_analyzer.errors import InvalidCondition

NS = 10**9


def value(text, limit="70", timeframe="1m"):
    asked = read_condition(f"{text} > {limit}", timeframe).question
    assert isinstance(asked, Comparison)
    return asked.left


def refused(text):
    with pytest.raises(InvalidCondition) as caught:
        read_condition(text)
    return caught.value


def bar(kind="close", timeframe="1m", **fields):
    return Series(kind, "", (), fields.pop("unit", Unit.PRICE), Domain.BAR, timeframe, **fields)


def test_a_series_takes_the_alerts_timeframe_unless_it_has_its_own():
    assert value("close", timeframe="15m") == bar(timeframe="15m")
    assert value("close on 4H", timeframe="15m") == bar(timeframe="4h")
    assert value("close[3] on 1w live") == bar(timeframe="1w", back=3, live=True)
    assert value("close live") == bar(live=True)


def test_an_inner_series_takes_the_timeframe_of_the_outer_one():
    inner = value("sma(volume, 20) on 5m")
    own = value("sma(volume on 1h, 20) on 5m")

    assert isinstance(inner, Series)
    assert inner.source == bar("volume", "5m", unit=Unit.QUANTITY)
    assert inner.unit is Unit.QUANTITY
    assert isinstance(own, Series)
    assert own.source == bar("volume", "1h", unit=Unit.QUANTITY)


def test_another_symbol_is_canonical_and_goes_for_what_is_inside():
    found = value("ETHUSDT.sma(volume, 20)")

    assert isinstance(found, Series)
    assert found.subject == "ETH/USDT"
    assert found.source == bar("volume", unit=Unit.QUANTITY, subject="ETH/USDT")
    assert value("1INCHUSDT.close") == bar(subject="1INCH/USDT")
    assert value('"ETH/USDT".highest(high, 3)') == value('highest("ETH/USDT".high, 3)')
    assert "symbol" in refused('"!!".price > 1').problem


def test_the_first_output_is_named_where_there_are_several():
    assert value("macd").output == "macd"
    assert value("supertrend").output == "value"
    assert value("rsi").output == ""


def test_windows_count_bars_over_bar_series_and_time_over_tick_series():
    assert value("highest(high, 20)[2] on 15m") == Window(
        "highest", bar("high", "15m"), Unit.PRICE, bars=20, timeframe="15m", back=2
    )
    assert value("highest(price, 90m)") == Window(
        "highest", Series("price", "", (), Unit.PRICE, Domain.TICK), Unit.PRICE, ns=5400 * NS
    )
    assert value("avg(close, 1h) on 5m") == value("avg(close, 12) on 5m")
    live = value("avg(close - open, 5) live")
    assert isinstance(live, Window)
    assert all(each.live for each in series_in(live))
    assert value("percent_change(close, 5)").unit is Unit.PERCENT


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("highest(price, 20) > 1", "no bars"),
        ("highest(close, 7m) on 5m > 1", "no whole number"),
        ("highest(5, 20) > 1", "series is needed"),
        ("highest(close) > 1", "a series and a length"),
        ("highest(close, atr) > 1", "a series and a length"),
        ("highest(close - open on 5m, 3) > 1", "one timeframe"),
        ('highest(close - "ETH/USDT".close, 3) > 1', "one symbol"),
        ("highest(price, 5m)[1] > 1", "no bars to go back"),
        ("(close + 1)[2] > 3", "directly behind"),
        ("close[1][2] > 3", "two offsets"),
        ("price[1] > 3", "no bars"),
        ("price live > 3", "always live"),
        ("volume_24h on 1h > 3", "always live"),
        ("sma(price, 20) > 3", "no bars"),
        ("sma(5 + 5, 20) > 3", "series is needed"),
        ("sma(close live, 20) > 3", "behind the whole"),
        ('sma("ETH/USDT".close, 20) > 3', "before the whole"),
        ("sma(price > 1, 20) > 3", "question"),
        ("abs(close, open) > 3", "one value"),
        ("max(close) > 3", "two values"),
        ("max(close, volume) > 3", "one kind"),
        ("max(close, open).x > 3", "without a name"),
        ("price / 0 > 3", "division by 0"),
        ("price > 1 / (2 - 2)", "division by 0|no number"),
        ("price > 1e30 * 1e30", "no number"),
        ("close + 5% > 3", "write \\* 1.05"),
        ("close - 5% > 3", "write \\* 0.95"),
        ("close + volume > 3", "cannot be added"),
        ("price + rsi(14) > 3", "cannot be added"),
    ],
)
def test_what_cannot_be_is_refused(text, problem):
    with pytest.raises(InvalidCondition, match=problem):
        read_condition(text)


def test_signs_before_numbers_are_part_of_them():
    assert value("macd", "-2.5") is not None
    asked = read_condition("macd > -(2.5)").question
    assert isinstance(asked, Comparison)
    assert asked.right == Number(-2.5, Unit.NUMBER, "-2.5")
    assert value("--close") == Negated(Negated(bar(), Unit.PRICE), Unit.PRICE)


def test_percentages_are_factors_in_products_and_parts_beside_ratios():
    assert value("close * 5%") == Arithmetic("*", bar(), Number(0.05, Unit.RATIO, "5%"), Unit.PRICE)
    both = value("max(buy_share(20), 50%)", "0.6")
    assert isinstance(both, Function)
    assert both.values[1] == Number(0.5, Unit.RATIO, "50%")


def test_values_are_named_in_messages():
    assert label(value("bollinger(20).lower")) == "bollinger.lower"
    assert label(value('talib("ROC", 5)')) == "ROC"
    assert label(value("close - open")) == "this"
    assert timeframe_of(value("close on 5m - open on 5m")) == "5m"
