"""Axes: round prices and instants, in order and not too many."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.charts.axes import Scale, price_marks, time_marks
from crypto_portfolio_analyzer.core.timeframes import DAY, HOUR, MINUTE
from tests.fakes import NOON


def test_a_scale_goes_from_end_to_end_and_a_single_value_lies_in_the_middle():
    scale = Scale(100, 200, 500, 0)

    assert [scale.place(each) for each in (100, 150, 200)] == [500, 250, 0]
    assert Scale(7, 7, 0, 10).place(7) == 5


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        (99.9, 110.1, ["100", "102", "104", "106", "108", "110"]),
        (0.00001, 0.0000123, ["0.0000100", "0.0000105", "0.0000110", "0.0000115", "0.0000120"]),
        (10.0, 12.1, ["10.0", "10.5", "11.0", "11.5", "12.0"]),
        (0.01, 1.9, ["0.25", "0.50", "0.75", "1.00", "1.25", "1.50", "1.75"]),
        (5, 5, ["5"]),
    ],
)
def test_prices_are_round_and_written_as_finely_as_they_differ(low, high, written):
    marks, decimals = price_marks(low, high)

    assert [f"{each:.{decimals}f}" for each in marks] == written


@given(low=st.floats(1e-9, 1e9), share=st.floats(1e-4, 100))
def test_any_range_of_prices_gets_a_few_marks_that_all_read_differently(low, share):
    high = low * (1 + share)
    marks, decimals = price_marks(low, high)

    assert 1 <= len(marks) <= 9
    assert len({f"{each:.{decimals}f}" for each in marks}) == len(marks)
    assert all(low * (1 - 1e-9) <= each <= high * (1 + 1e-9) for each in marks)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (10 * MINUTE, ["12:00", "12:01", "12:02", "12:03", "12:04", "12:05", "12:06", "12:07", "12:08", "12:09",
                       "12:10"]),
        (DAY, ["12:00", "14:00", "16:00", "18:00", "20:00", "22:00", "21 Nov", "02:00", "04:00", "06:00", "08:00",
               "10:00", "12:00"]),
        (20 * DAY, ["21 Nov", "23 Nov", "25 Nov", "27 Nov", "29 Nov", "1 Dec", "3 Dec", "5 Dec", "7 Dec", "9 Dec"]),
        (400 * DAY, ["25 Jan 2027", "26 Apr 2027", "26 Jul 2027", "25 Oct 2027"]),
    ],
)  # fmt: skip
def test_instants_are_times_within_days_dates_at_midnight_and_years_where_it_is_long(span, words):
    assert [text for _, text in time_marks(NOON, NOON + span)] == words


@given(first=st.integers(0, 2 * 10**18), span=st.integers(MINUTE, 9000 * DAY))
def test_any_time_gets_a_few_round_instants_in_order(first, span):
    marks = [at for at, _ in time_marks(first, first + span)]

    assert len(marks) <= 13
    assert marks == sorted(set(marks))
    assert all(first <= at <= first + span for at in marks)
    if span > HOUR and len(marks) > 1:
        moment = datetime.fromtimestamp(marks[0] // 10**9, UTC)
        assert (moment.second, moment.minute % 5) == (0, 0)
