"""Indicators of a chart: the numbers of the judge, bar by bar."""

import numpy as np
import pytest
import talib

from crypto_portfolio_analyzer.core.conditions.charted import read_charted
from crypto_portfolio_analyzer.core.conditions.reading import read_condition
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.engine.backtesting import backtest
from crypto_portfolio_analyzer.engine.indicators import indicators, needed
from tests.fakes import MINUTE, NOON


def bars(count: int, *, forming: bool = False) -> list[Bar]:
    """Return minutes of a price that swings ever wider."""
    made = []
    for number in range(count):
        close = 100 + number * 0.01 + (number % 17 - 8) * (1 + number / 50)
        at = NOON + number * MINUTE
        is_closed = not forming or number < count - 1
        values = (close - 1, close + 2, close - 2, close, 5.0 + number % 7)
        made.append(Bar("binance", "BTC/USDT", "1m", at, at + MINUTE, *values, is_closed, at + MINUTE))
    return made


def drawn(text: str, given: list[Bar], count: int | None = None):
    wanted = [read_charted(text, "1m")]
    return indicators("BTC/USDT", wanted, "1m", given, count or len(given))[0]


def values(line) -> list[float | None]:
    return [value for _at, value in line.points]


def test_values_are_talibs():
    given = bars(300)
    closes = np.array([bar.close for bar in given])

    (rsi,) = drawn("rsi(14)", given).lines
    upper, middle, lower = drawn("bollinger(20, 2)", given).lines
    known = talib.RSI(closes, 14)
    bands = talib.BBANDS(closes, 20, 2.0, 2.0)

    assert values(rsi)[:14] == [None] * 14
    assert values(rsi)[14:] == pytest.approx(known[14:])
    for line, band in zip((upper, middle, lower), bands, strict=True):
        assert values(line)[19:] == pytest.approx(band[19:])


def test_the_last_bars_are_shown_and_those_before_warm_up():
    given = bars(300)
    whole, tail = drawn("ema(50)", given), drawn("ema(50)", given, 10)

    assert tail.lines[0].points == whole.lines[0].points[-10:]
    assert tail.lines[0].points[0][0] == given[-10].open_at


def test_the_forming_bar_has_the_value_it_would_close_with():
    (closed,), (forming,) = drawn("ema(9)", bars(60)).lines, drawn("ema(9)", bars(60, forming=True)).lines

    assert values(forming)[8:] == pytest.approx(values(closed)[8:])
    assert values(forming)[:8] == [None] * 8


def test_what_an_alert_would_not_use_yet_is_said():
    assert needed("BTC/USDT", [read_charted("ema(20)", "1m"), read_charted("sma(5)", "1m")], "1m") == 220
    assert drawn("ema(20)", bars(219)).settled_at is None
    assert drawn("ema(20)", bars(230)).settled_at == NOON + 219 * MINUTE
    assert drawn("sma(5)", bars(50), 10).settled_at == NOON + 40 * MINUTE


def test_a_backtest_fires_at_the_bars_where_the_chart_shows_the_value():
    given = bars(200)
    fired = backtest(read_condition("rsi(14) > 60"), given).firings
    shown = dict(drawn("rsi(14)", given).lines[0].points)

    assert fired
    for firing in fired:
        assert firing.values["rsi(14)"] == shown[firing.bar_open_at] > 60


def test_oscillators_have_their_usual_levels():
    assert drawn("rsi(14)", bars(20)).levels == (30, 70)
    assert drawn("ema(5)", bars(20)).levels == ()
