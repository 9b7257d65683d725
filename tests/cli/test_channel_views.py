"""Channels and their types as text."""

import pytest

from crypto_portfolio_analyzer.cli import channel_views
from tests.cli.deliveries import channel
from tests.cli.shelf import Said
from tests.cli.test_alert_views import said
from tests.fakes import MINUTE, NOON

TYPE = {
    "name": "webhook",
    "label": "Webhook",
    "about": "Signed JSON to a program of yours.",
    "options": [
        {"name": "url", "kind": "url", "about": "where to", "needed": True, "default": "", "choices": []},
        {
            "name": "policy",
            "kind": "choice",
            "about": "late or never",
            "needed": False,
            "default": "notify",
            "choices": ["notify", "trade"],
        },
    ],
    "for_people": False,
    "ready": False,
    "missing": "set channels.webhook",
}


def test_channels_are_one_line_each_and_the_last_line_names_the_next_command():
    heard = said(
        channel_views.show_channels, [channel(), channel(id="d2", name="mail\x1b[2J", default=False)], NOON
    )

    first, second = heard.out.splitlines()[1:]
    assert first.split() == "c1c1 bot webhook on yes https://example.org/hook 11:00:00".split()
    assert "\x1b" not in second
    assert heard.err == "2 channels.  Next: crypto-analyzer channels test c1c1\n"


def test_no_channels_teach_how_to_make_one():
    heard = said(channel_views.show_channels, [], NOON)

    assert (heard.out, heard.err) == (
        "no channels yet: alerts are shown on the page only\n",
        "Next: crypto-analyzer channels types\n",
    )


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "on"),
        ({"enabled": False}, "off"),
        ({"enabled": False, "disabled_reason": "blocked by the user"}, "off: blocked by the user"),
        ({"verified": False}, "unconfirmed"),
        ({"failures": 3}, "failing, 3 times"),
    ],
)
def test_a_channel_says_how_it_does(fields, state):
    assert channel_views.state_of(channel(**fields)) == state


def test_a_channel_is_shown_with_its_options_masked_and_nothing_empty():
    shown = channel(
        failing_since="2026-11-20T11:30:00.000Z", options={"secret": "•••1f2e", "challenge": True}
    )
    heard = said(channel_views.show_channel, shown, NOON + MINUTE)

    assert heard.out.startswith("bot: webhook, on\n")
    assert "  secret       •••1f2e\n" in heard.out
    assert "  challenge    yes\n" in heard.out
    assert "  failing      since 11:30:00\n" in heard.out
    assert "paused" not in heard.out


def test_a_secret_is_shown_with_a_warning_and_none_is_nothing():
    heard, silent = Said(), Said()
    channel_views.show_secret({"secret": "whsec_x"}, heard.output)
    channel_views.show_secret({"secret": None}, silent.output)

    assert (heard.out, heard.err) == ("secret  whsec_x\n", "keep the secret now: it is not shown again\n")
    assert silent.out + silent.err == ""


def test_types_are_listed_and_one_is_shown_with_its_options():
    every, one = Said(), Said()
    channel_views.show_types([TYPE], every.output, is_one=False)
    channel_views.show_types([TYPE], one.output, is_one=True)

    assert every.out.splitlines()[1].split()[:3] == ["webhook", "Webhook", "no"]
    lines = one.out.splitlines()
    assert lines[0] == "Webhook: Signed JSON to a program of yours."
    assert lines[2].split() == "url url yes – where to".split()
    assert lines[3].endswith("late or never [notify|trade]")
    assert (
        one.err
        == "not ready: set channels.webhook\nNext: crypto-analyzer channels add webhook --option url=…\n"
    )
