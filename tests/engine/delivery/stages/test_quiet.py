"""Over quiet hours people sleep, whatever their clocks do that night."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.notification import DeliveryState, Kind
from crypto_portfolio_analyzer.engine.delivery.stages.quiet import hours_of, quiet
from tests.engine.delivery.media import channel_of
from tests.engine.delivery.works import context, ids, other, work

MINUTE = 60 * 10**9


def at(text, zone="Europe/Berlin", fold=0):
    wall = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return round(wall.timestamp()) * 10**9


def sleeper(start="22:00", until="07:00", zone="Europe/Berlin", but="critical"):
    hours = {"from": start, "until": until, "except": but}
    return channel_of(quiet_hours=hours, zone=zone)


def known(now, channel=None):
    return context(channel or sleeper(), now=now)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-01-10 22:00", "2026-01-11 07:00"),
        ("2026-01-10 23:59", "2026-01-11 07:00"),
        ("2026-01-11 00:00", "2026-01-11 07:00"),
        ("2026-01-11 06:59", "2026-01-11 07:00"),
        ("2026-03-28 23:00", "2026-03-29 07:00"),  # an hour is skipped
        ("2026-10-24 23:00", "2026-10-25 07:00"),  # an hour comes twice
    ],
)
def test_news_of_the_night_wait_for_the_morning(now, until):
    [ruling] = quiet([work(1)], known(at(now))).ruled

    assert (ruling.state, ruling.reason, ruling.due_at) == (DeliveryState.QUEUED, "quiet hours", at(until))


@pytest.mark.parametrize("now", ["2026-01-10 07:00", "2026-01-10 12:00", "2026-01-10 21:59"])
def test_by_day_all_goes_on(now):
    assert ids(quiet([work(1)], known(at(now))).on) == ["d1"]


def test_an_end_that_is_skipped_is_when_the_clock_goes_on():
    [ruling] = quiet([work(1)], known(at("2026-03-29 01:00"), sleeper(until="02:30"))).ruled

    assert ruling.due_at == at("2026-03-29 03:00")


def test_an_hour_that_comes_twice_is_quiet_twice():
    channel = sleeper(until="02:30")
    first = known(at("2026-10-25 02:10"), channel)
    between = known(at("2026-10-25 02:40"), channel)
    second = known(at("2026-10-25 02:10", fold=1), channel)

    assert quiet([work(1)], first).ruled[0].due_at == at("2026-10-25 02:30")
    assert quiet([work(1)], between).ruled == []
    assert quiet([work(1)], second).ruled[0].due_at == at("2026-10-25 02:30", fold=1)


def test_what_is_critical_wakes_people_unless_they_say_otherwise():
    now = at("2026-01-10 23:00")

    assert quiet([work(1, severity=Severity.CRITICAL)], known(now)).ruled == []
    assert quiet([work(1, severity=Severity.CRITICAL)], known(now, sleeper(but="none"))).on == []


def test_tests_and_notices_and_programs_are_not_held():
    now = at("2026-01-10 23:00")
    some = [other(Kind.TEST), other(Kind.NOTICE)]

    assert quiet(some, known(now)).on == some
    assert quiet([work(1)], context(sleeper(), now=now, for_people=False)).ruled == []


@given(
    minute=st.integers(0, 60 * 24 * 400),
    start=st.integers(0, 1439),
    length=st.integers(1, 1439),
    zone=st.sampled_from(
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
    ),
)
def test_hours_end_at_the_first_minute_that_they_do_not_cover(minute, start, length, zone):
    def clock(of):
        return f"{of // 60 % 24:02}:{of % 60:02}"

    now = at("2026-01-01 00:00", "UTC") + minute * MINUTE
    hours = hours_of(sleeper(clock(start), clock(start + length), zone))
    if hours is None or not hours.covers(now):
        return
    end = hours.end(now)

    assert not hours.covers(end)
    assert all(hours.covers(each) for each in range(now, end, MINUTE))
