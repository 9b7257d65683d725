"""What tests of channels that send over HTTP begin with: a world on the loopback, channels and messages."""

from ipaddress import ip_network
from typing import Any

from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import World
from crypto_portfolio_analyzer.clock import SystemClock
from crypto_portfolio_analyzer.core.notices.notification import Channel, Notification
from tests.core.notices.made import crossing, told

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
HOSTILE = (
    "@everyone @here <@1234> <@&99> <#5> <!channel>",
    "**bold** __under__ ~~gone~~ ||spoiler|| `code` ```block```",
    "[free money](https://evil.example) https://evil.example <https://evil.example>",
    "<b>fat</b> <script>alert(1)</script> &amp; &#60;",
    "line\r\nBcc: victim@example.com\r\n\r\nbody",
    "# heading\n> quote\n- list\n1. one",
    "\u202egnp.exe\u202c \u0000\u0007\x1b[31mred",
    '"},{"content":"injected"',
    "\U0001d54f" * 3000,
    "👩‍👩‍👧‍👦" * 500,
)


def world(**changes: Any) -> World:
    """Return a world that may reach the loopback."""
    values: dict[str, Any] = {"clock": SystemClock(), "guard": Guard(LOOPBACK), **changes}
    return World(**values)


def channel(kind: str, options: dict[str, object]) -> Channel:
    """Return a channel of a type."""
    return Channel(id="chan1", owner="ada", type=kind, name="phone", options=options)


def message(kind: str, options: dict[str, object], **changes: Any) -> Notification:
    """Return the message of a price crossing for a channel; `changes` are of the notification."""
    made = told(crossing())
    return _changed(made, channel=channel(kind, options), **changes)


def _changed(notification: Notification, **changes: Any) -> Notification:
    values = {name: getattr(notification, name) for name in notification.__struct_fields__}
    return Notification(**values | changes)
