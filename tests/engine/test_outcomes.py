"""What the price did after a firing: followed where bars tell, silent where they do not."""

import pytest

from crypto_portfolio_analyzer.core.market import Bar
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR
from crypto_portfolio_analyzer.engine.outcomes import outcomes
from tests.fakes import NOON


def hour(number: int, close: float) -> Bar:
    at = NOON + number * HOUR
    return Bar("file", "BTC/USDT", "1h", at, at + HOUR, close, close, close, close, 1.0, True, at + HOUR)


def test_the_change_an_hour_later_is_that_of_the_bar_that_ends_then():
    bars = [hour(0, 100.0), hour(1, 110.0), hour(2, 99.0)]

    short, day = outcomes([(NOON + HOUR, 100.0), (NOON + 2 * HOUR, 110.0)], bars)

    assert (short.span, short.count, short.share_up) == (HOUR, 2, 0.5)
    assert short.median_percent == pytest.approx((10.0 - 10.0) / 2)
    assert (day.span, day.count, day.median_percent, day.share_up) == (DAY, 0, None, None)


def test_what_ends_before_the_span_or_lies_in_a_hole_is_not_counted():
    bars = [hour(0, 100.0), hour(5, 110.0)]

    short, _ = outcomes([(NOON + HOUR, 100.0), (NOON + 6 * HOUR, 110.0)], bars)

    assert short.count == 0


def test_a_span_shorter_than_a_bar_tells_nothing():
    days = [
        Bar(
            "file", "BTC/USDT", "1d", NOON + at * DAY, NOON + (at + 1) * DAY, 1.0, 2.0, 1.0, 2.0, 1.0, True, 0
        )
        for at in range(3)
    ]

    short, day = outcomes([(NOON + DAY, 1.0)], days)

    assert (short.count, day.count, day.median_percent) == (0, 1, 100.0)
