"""Every name has a value, or is known to have none."""

import json

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.core.alerts import Cause
from crypto_portfolio_analyzer.core.notices.placeholders import PLACEHOLDERS, Told, interval, values_for
from crypto_portfolio_analyzer.core.notices.reader import reader_of
from tests.core.notices.made import AT, CROSSING, RSI, alert, firing

ALERT = alert("rsi(14) on 1h > 70 and price crosses above 65000", timeframe="15m", tags=("a", "b"))
TOLD = Told(
    firing=firing(ALERT, RSI, CROSSING),
    alert=ALERT,
    reader=reader_of({}, AT),
    key="msg_1",
    channel="desk",
    attempt=2,
    url="https://watch.example/firings/1",
    note="half off",
)


def value(name, told=TOLD):
    return values_for([name], told)[name]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ticker", "BTCUSDT"),
        ("exchange", "BINANCE"),
        ("close", "65012.4"),
        ("open", None),
        ("time", "2026-11-20T14:03:07Z"),
        ("timenow", "2026-11-20T14:03:07Z"),
        ("interval", "15"),
        ("plot_0", "71.2"),
        ("plot_1", "65012.4"),
        ("plot_2", None),
        ("syminfo.currency", "USDT"),
        ("syminfo.basecurrency", "BTC"),
        ('plot("rsi(14) on 1h")', "71.2"),
        ('why.before("rsi(14) on 1h")', "69"),
        ('why.value("price")', "65012.4"),
        ('why.value("gone")', None),
        ("alert.name", "BTC breakout"),
        ("alert.tags", "a, b"),
        ("alert.revision", "3"),
        ("alert.severity", "critical"),
        ("alert.message", "half off"),
        ("alert.url", "https://watch.example/firings/1"),
        ("why.price", "65012.4"),
        ("why.before", "64987.1"),
        ("why.distance", "1.2"),
        ("why.late", "false"),
        ("why.cause", "live"),
        ("why.age", "23"),
        ("firing.id", "9f2c41abcdefghijklmnopqrst"),
        ("firing.event_at", "2026-11-20T14:03:07.000Z"),
        ("delivery.attempt", "2"),
        ("delivery.channel", "desk"),
        ("told.price", "65,012.40"),
        ("told.values", "RSI(14) on 1h 71.2 > 70"),
        ("told.age", "23 ms"),
        ("told.time", "14:03:07 UTC"),
    ],
)
def test_values(name, expected):
    assert value(name) == expected


def test_late_and_approximated_say_so():
    late = replace(TOLD.firing, late=True, approximated=True, cause=Cause.GAP_BACKFILL)
    told = replace(TOLD, firing=late, simulated=True)

    names = ("why.late", "why.approximated", "why.cause", "why.simulated")
    assert [value(name, told) for name in names] == ["true", "true", "gap_backfill", "true"]


def test_bar_that_the_condition_looks_at_is_known():
    evidence = replace(
        TOLD.firing.evidence, values={"high on 1h": 9.5, "volume": 3.0}, bar_open_at=AT - 3600 * 10**9
    )
    told = replace(TOLD, firing=replace(TOLD.firing, evidence=evidence))

    assert (value("high", told), value("volume", told), value("low", told)) == ("9.5", "3", None)
    assert value("time", told) == "2026-11-20T13:03:07Z"


@pytest.mark.parametrize(
    ("timeframe", "written"), [("1m", "1"), ("45m", "45"), ("4h", "240"), ("1d", "1D"), ("1w", "1W")]
)
def test_intervals_are_written_as_tradingview_does(timeframe, written):
    assert interval(timeframe) == written


def test_every_name_gives_a_text_or_nothing():
    values = values_for(PLACEHOLDERS, TOLD)

    assert all(each is None or isinstance(each, str) for each in values.values())
    assert all(each.about.endswith((".", "…")) for each in PLACEHOLDERS.values())
    json.dumps(values)
