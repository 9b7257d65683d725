"""The lock screen's line: what matters is never cut away."""

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.notices.firing_words import arrow, headline, lines, marks, moment_of, more
from crypto_portfolio_analyzer.core.notices.graphemes import width
from crypto_portfolio_analyzer.core.notices.placeholders import Told
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from tests.core.notices.made import AT, CROSSING, FALL, RSI, alert, firing

LONG = "rsi(14) on 1h > 70 and price crosses above 65000 and volume on 1h > 5"


def of(condition="price crosses above 65000", *leaves, language="en", **changes):
    made = alert(condition)
    return Told(
        firing=firing(made, *leaves or (CROSSING,), **changes),
        alert=made,
        reader=reader_of({"language": language}, AT),
    )


@pytest.mark.parametrize("limit", range(20, 100, 7))
def test_condition_is_cut_first(limit):
    line = headline(of(LONG), is_repeat=False, limit=limit)

    assert width(line) <= limit
    assert line.startswith("🚨 BTC/USDT ▲ 65,012.40"[: limit - 1])


def test_repeat_is_said_whatever_is_cut():
    late = {
        "late": True,
        "detected_at": AT + 250 * 10**9,
        "symbol": "1000000MOGWIFHAT/USDT",
        "price": 123456789012.5,
    }
    line = headline(replace(of(LONG, **late), simulated=True), is_repeat=True)

    assert line.startswith("🚨 SIM LATE 4m 10s 1000000MOGWIFHA… ▲ 123,456,")
    assert width(line) <= 64
    assert headline(of(LONG), is_repeat=True).endswith("… (repeat)")


def test_marks_come_in_order_and_once():
    told = replace(of(late=True, detected_at=AT + 250 * 10**9), simulated=True)

    assert list(marks(told)) == ["🚨", "SIM", "LATE 4m 10s"]
    assert list(marks(of())) == ["🚨"]


def test_arrow_says_only_what_is_known():
    assert arrow(of()) == "▲"
    assert arrow(of("price falls by 5% in 15m", FALL, price=142.1)) == "▼"
    assert arrow(of("rsi(14) on 1h > 70", RSI)) == ""


def test_change_over_a_day_stands_beside_what_decided():
    assert next(lines(of("rsi(14) on 1h > 70", RSI), 2.31)) == "RSI(14) on 1h 71.2 > 70 · 24 h +2.31%"
    assert list(lines(of(), None)) == ["Binance · 14:03:07 UTC · decided after 23 ms"]


def test_what_is_known_to_the_bar_only_names_the_bar():
    assert moment_of(of(approximated=True, bar_open_at=AT - 7 * 10**9)) == "within the bar of 14:03:00 UTC"


def test_whole_condition_is_kept_where_there_is_room():
    told = of(LONG)
    first = next(more(told, headline(told, is_repeat=False)))

    assert first.startswith("RSI(14) on 1h is above 70")
    assert first.endswith("crosses above 65,000")
    assert list(more(of(), headline(of(), is_repeat=False))) == [
        "Before: 64,987.10",
        "“BTC breakout” rev 3 · 9f2c41",
    ]
