"""Buttons under an alert: the right ones, in both languages, with data that fits and is read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.channels.telegram_buttons import (
    LABELS,
    SNOOZES,
    alert_rows,
    button,
    data_of,
    digest_rows,
    more_rows,
    read_data,
)
from crypto_portfolio_analyzer.core.alerts import Trigger, firing_id
from tests.core.notices.made import alert

FIRING = firing_id("a1f3", 3, "BTC/USDT", "1")


def labels(rows):
    return [[each.text for each in row] for row in rows]


def test_an_alert_has_its_two_rows():
    assert labels(alert_rows(FIRING, alert(), "en")) == [
        ["✓ Seen", "💤 1h", "💤 4h", "💤 24h"],
        ["📈 Chart", "❓ Why", "↻ Re-arm", "⋯"],
    ]


def test_buttons_speak_german():
    assert labels(alert_rows(FIRING, alert(), "de")) == [
        ["✓ Gesehen", "💤 1 h", "💤 4 h", "💤 24 h"],
        ["📈 Chart", "❓ Warum", "↻ Scharf", "⋯"],
    ]


def test_what_no_longer_applies_is_left_out():
    rows = alert_rows(FIRING, alert(), "en", without=("seen", "s1", "s4", "s24"))

    assert labels(rows) == [["📈 Chart", "❓ Why", "↻ Re-arm", "⋯"]]


def test_an_alert_that_arms_itself_needs_no_button_for_it():
    rows = alert_rows(FIRING, alert(trigger=Trigger.EVERY_TIME), "en")

    assert "↻ Re-arm" not in labels(rows)[1]


def test_an_alert_that_is_gone_has_no_buttons():
    assert alert_rows(FIRING, None, "en") == ()


def test_behind_the_dots_are_the_changes_and_the_condition_to_copy():
    changes, copy = more_rows(FIRING, alert(), "en")

    assert [each.text for each in changes] == ["✎ Edit", "⏸ Pause", "🗑 Delete"]
    assert [each.style for each in changes] == ["", "", "danger"]
    assert (copy[0].copy, copy[0].data) == ("price crosses above 65000", "")


def test_a_condition_too_long_to_copy_is_asked_for():
    long = replace(alert(), condition="price > 1" + " and price > 1" * 20)

    assert more_rows(FIRING, long, "en")[1][0].data == data_of("copy", FIRING)


def test_a_digest_can_be_shown_whole():
    assert labels(digest_rows(FIRING, "de")) == [["Alle zeigen"]]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("action", LABELS)
def test_every_action_fits_and_is_read_back(action, language):
    made = button(action, FIRING, language)

    assert len(made.data.encode()) <= 24
    assert read_data(made.data) == (action, FIRING[:12])
    assert made.text


def test_snoozes_are_actions():
    assert set(SNOOZES) <= set(LABELS)


@pytest.mark.parametrize(
    "data", ["", "v1:seen:", "v2:seen:abcdefghijkl", "v1:own:abcdefghijkl", "v1:seen:ABC", "v1:seen:a" * 9]
)
def test_what_is_none_of_ours_is_not_read(data):
    assert read_data(data) is None


@given(st.text(max_size=64))
def test_reading_never_fails(data):
    read = read_data(data)

    assert read is None or read[0] in LABELS
