"""Tests of core/timeframes.py."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.timeframes import COMMON, MINUTE, close_of, open_of, parse_timeframe
from crypto_portfolio_analyzer.errors import InvalidInput

INSTANTS = st.integers(min_value=0, max_value=4 * 10**18)


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


@pytest.mark.parametrize("name", COMMON)
def test_common_timeframes_are_canonical(name):
    assert parse_timeframe(name).name == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("60m", "1h"), ("24h", "1d"), ("1440m", "1d"), ("1H", "1h"), ("1D", "1d"), (" 5m ", "5m"), ("1W", "1w")],
)
def test_other_spellings_get_the_canonical_name(text, name):
    assert parse_timeframe(text).name == name


@pytest.mark.parametrize("text", ["45m", "90m", "10m", "3h", "720m"])
def test_any_divisor_of_a_day_is_a_timeframe(text):
    assert 86_400 * 10**9 % parse_timeframe(text).length == 0


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("7m", "'7m' does not divide a UTC day; the nearest are 6m and 8m"),
        ("5h", "the nearest are 288m and 6h"),
        ("1M", "months differ in length"),
        ("60", "it needs a unit"),
        ("0m", "write one of 1m 3m"),
        ("2d", "write one of 1m 3m"),
        ("7d", "write one of 1m 3m"),
        ("168h", "write one of 1m 3m"),
        ("30s", "write one of 1m 3m"),
        ("", "write one of 1m 3m"),
        ("m", "write one of 1m 3m"),
        ("-1m", "write one of 1m 3m"),
        ("٣m", "write one of 1m 3m"),
    ],
)
def test_what_is_no_timeframe_is_refused_with_a_remedy(text, hint):
    with pytest.raises(InvalidInput) as refusal:
        parse_timeframe(text)

    assert hint in str(refusal.value)


def test_bar_takes_the_instant_of_its_open_and_leaves_that_of_its_close():
    noon = at("2025-07-03T12:00:00")

    assert open_of(noon, "1h") == noon
    assert open_of(noon - 1, "1h") == at("2025-07-03T11:00:00")
    assert close_of(noon - 1, "1h") == noon


def test_week_begins_on_monday():
    assert open_of(at("2025-07-06T23:59:59"), "1w") == at("2025-06-30T00:00:00")
    assert open_of(at("2025-07-07T00:00:00"), "1w") == at("2025-07-07T00:00:00")


def test_day_divides_the_week_and_minutes_divide_everything_longer():
    minute, day, week = (parse_timeframe(name) for name in ("1m", "1d", "1w"))

    assert day.divides(week)
    assert minute.divides(day)
    assert not day.divides(day)


@given(INSTANTS, st.sampled_from([*COMMON, "45m", "90m", "288m"]))
def test_every_instant_lies_in_exactly_one_bar(instant, name):
    timeframe = parse_timeframe(name)
    open_at = timeframe.open_of(instant)

    assert open_at <= instant < timeframe.close_of(instant)
    assert timeframe.open_of(open_at) == open_at
    assert timeframe.open_of(open_at + timeframe.length) == open_at + timeframe.length
    assert open_at % MINUTE == 0
