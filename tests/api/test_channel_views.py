"""Channels, types, links and hooks as they are shown."""

from collections.abc import Mapping
from typing import cast

from crypto_portfolio_analyzer.api import channel_views
from crypto_portfolio_analyzer.channels.kinds import ChannelType, Option
from crypto_portfolio_analyzer.core.alerts import Severity
from crypto_portfolio_analyzer.core.notices.links import TELEGRAM, Hook, Link
from crypto_portfolio_analyzer.core.notices.notification import Channel, Kind, Notification
from tests.fakes import NOON, SECOND

CHANNEL = Channel(
    id="c1",
    owner="admin",
    type="webhook",
    name="bot",
    options={"url": "https://example.org", "secret": "whsec_canary"},
    is_default=True,
    ttl=60 * SECOND,
    verified_at=NOON,
    created_at=NOON,
    updated_at=NOON,
)
SHOWN: Mapping[str, object] = {"url": "https://example.org", "secret": "•••nary"}


class Pigeon:
    """A type that the operator has not set up."""

    name, label, about = "pigeon", "Pigeon", "A bird; needs a loft."
    options = (Option("loft", "choice", "where it lives", is_needed=True, choices=("east", "west")),)
    for_people = True
    is_ready = "set channels.pigeon"


def test_a_channel_shows_what_may_be_seen_and_no_secret() -> None:
    view = channel_views.channel_view(CHANNEL, SHOWN, trades=True)

    assert (view.default, view.verified, view.trades, view.ttl_seconds) == (True, True, True, 60.0)
    assert view.options == SHOWN
    assert view.failing_since is view.paused_until is None
    assert "canary" not in view.model_dump_json()


def test_a_new_secret_is_shown_beside_the_channel() -> None:
    view = channel_views.channel_view(CHANNEL, SHOWN, trades=False)

    assert channel_views.made_view(view, "whsec_new").model_dump() == view.model_dump() | {
        "secret": "whsec_new"
    }


def test_a_type_says_what_it_is_and_what_it_misses() -> None:
    view = channel_views.type_view(cast(ChannelType, Pigeon()))

    assert (view.name, view.ready, view.missing, view.for_people) == (
        "pigeon",
        False,
        "set channels.pigeon",
        True,
    )
    assert view.options[0].model_dump() == {
        "name": "loft",
        "kind": "choice",
        "about": "where it lives",
        "needed": True,
        "default": "",
        "choices": ["east", "west"],
    }


def test_a_preview_is_what_a_reader_gets() -> None:
    told = Notification(
        key="msg_x",
        kind=Kind.FIRING,
        channel=CHANNEL,
        works=(),
        type="alert.fired",
        at=NOON,
        attempt=1,
        severity=Severity.WARNING,
        headline="BTC/USDT",
        lines=("one",),
        more=("two",),
        data={"price": "1"},
    )

    view = channel_views.preview_view(told)

    assert (view.headline, view.lines, view.more, view.severity) == ("BTC/USDT", ["one"], ["two"], "warning")
    assert "canary" not in view.model_dump_json()


def test_links_and_hooks_are_shown_without_their_owner() -> None:
    link = channel_views.link_view(
        Link(platform=TELEGRAM, person="7", owner="anna", name="Anna", created_at=NOON)
    )
    hook = channel_views.hook_view(Hook(id="h", owner="anna", name="tv", channels=("bot",), created_at=NOON))

    assert link.model_dump() == {
        "platform": "telegram",
        "person": "7",
        "name": "Anna",
        "created_at": "2026-11-20T12:00:00.000Z",
    }
    assert (hook.id, hook.name, hook.channels) == ("h", "tv", ["bot"])
