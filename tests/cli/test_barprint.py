"""Bars as rows, CSV and JSON, and the stretches of time that options mean."""

import pytest

from crypto_portfolio_analyzer.cli.barprint import as_csv, document, rows, span
from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import HOUR, MINUTE, parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput
from tests.fakes import NOON

BARS = [
    Bar("kraken", "BTC/USD", "1m", NOON + n * MINUTE, NOON + (n + 1) * MINUTE, 64000.1, 64010.0, 63990.5, 64005, 1.25,
        closed=True, received_at=NOON)
    for n in range(2)
]  # fmt: skip
MINUTES = parse_timeframe("1m")


def test_without_a_start_the_newest_bars_up_to_the_last_full_one_are_meant():
    assert span(None, None, MINUTES, 100, NOON + 30 * 10**9) == (NOON - 100 * MINUTE, NOON)


@pytest.mark.parametrize("text", ["2026-11-20T11:00", "2026-11-20T11:00Z", "2026-11-20T12:00+01:00"])
def test_instants_are_read_in_their_zone_or_utc(text):
    assert span(text, None, MINUTES, 100, NOON) == (NOON - HOUR, NOON)


@pytest.mark.parametrize(
    ("start", "end"),
    [("yesterday", None), (None, "25:00"), ("2026-11-20", "2026-11-19"), ("2026-11-20", "2026-11-20")],
)
def test_stretches_that_cannot_be_are_refused(start, end):
    with pytest.raises(InvalidInput):
        span(start, end, MINUTES, 100, NOON)


def test_rows_have_the_decimals_of_the_price():
    assert rows(BARS, "en")[0] == [
        "2026-11-20 12:00",
        "64,000.10",
        "64,010.00",
        "63,990.50",
        "64,005.00",
        "1.25",
    ]


def test_csv_has_plain_numbers_and_utc():
    assert list(as_csv(BARS))[:2] == [
        "timestamp,open,high,low,close,volume",
        "2026-11-20T12:00:00.000Z,64000.1,64010,63990.5,64005,1.25",
    ]


def test_document_has_decimal_strings():
    shown = document("BTC", BARS)

    assert (shown["symbol"], shown["market"], shown["source"]) == ("BTC", "BTC/USD", "kraken")
    assert shown["bars"][1]["open_at"] == "2026-11-20T12:01:00.000Z"
    assert shown["bars"][1]["close"] == "64005"
