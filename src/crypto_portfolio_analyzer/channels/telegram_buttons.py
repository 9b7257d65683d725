"""Telegram buttons: what stands under an alert, in English and German, and what a press of it says.

The data of a press is `v1:<action>:<key>`, the key being the first 12 characters of the firing's id: at most 24 of
Telegram's 64 bytes. Whoever answers a press asks `read_data`; nothing in it is to be trusted.
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from crypto_portfolio_analyzer.core.alerts import Alert, Trigger
from crypto_portfolio_analyzer.core.formats import Language

LABELS: Mapping[str, Mapping[Language, str]] = {
    "seen": {"en": "✓ Seen", "de": "✓ Gesehen"},
    "s1": {"en": "💤 1h", "de": "💤 1 h"},
    "s4": {"en": "💤 4h", "de": "💤 4 h"},
    "s24": {"en": "💤 24h", "de": "💤 24 h"},
    "chart": {"en": "📈 Chart", "de": "📈 Chart"},
    "why": {"en": "❓ Why", "de": "❓ Warum"},
    "arm": {"en": "↻ Re-arm", "de": "↻ Scharf"},
    "more": {"en": "⋯", "de": "⋯"},
    "edit": {"en": "✎ Edit", "de": "✎ Ändern"},
    "pause": {"en": "⏸ Pause", "de": "⏸ Pause"},
    "del": {"en": "🗑 Delete", "de": "🗑 Löschen"},
    "copy": {"en": "⧉ Copy condition", "de": "⧉ Bedingung kopieren"},
    "all": {"en": "Show all", "de": "Alle zeigen"},
}
"""Every action, and what its button says."""

SNOOZES: Mapping[str, int] = {"s1": 1, "s4": 4, "s24": 24}
"""Hours of silence that an action asks for."""

KEY_LENGTH = 12
_ALERT_ROWS = (("seen", "s1", "s4", "s24"), ("chart", "why", "arm", "more"))
_MORE_ROW = ("edit", "pause", "del")
_DATA = re.compile(rf"v1:([a-z0-9]{{1,5}}):([a-z0-9]{{1,{KEY_LENGTH}}})", re.ASCII)
_MOST_COPIED = 256
"""UTF-16 units that a `copy_text` button can hold."""


class Button(NamedTuple):
    """One button: a press that we hear of, a text to copy, or an address to open."""

    text: str
    data: str = ""
    copy: str = ""
    url: str = ""
    style: str = ""


Rows = tuple[tuple[Button, ...], ...]


def data_of(action: str, firing_id: str) -> str:
    """Return what a press of an action's button says about a firing."""
    return f"v1:{action}:{firing_id[:KEY_LENGTH]}"


def read_data(data: str) -> tuple[str, str] | None:
    """Return action and key of a press; None for what is none of ours."""
    match = _DATA.fullmatch(data)
    return (match[1], match[2]) if match and match[1] in LABELS else None


def button(action: str, firing_id: str, language: Language) -> Button:
    """Return the button of an action about a firing."""
    style = "danger" if action == "del" else ""
    return Button(LABELS[action][language], data_of(action, firing_id), style=style)


def alert_rows(
    firing_id: str, alert: Alert | None, language: Language, *, without: Collection[str] = ()
) -> Rows:
    """Return the buttons under the message of a firing; none for an alert that is no more.

    `without` are actions that no longer apply; what arms itself needs no re-arming.
    """
    if alert is None:
        return ()
    left_out = set(without) | ({"arm"} if alert.trigger is not Trigger.ONCE else set())
    return _rows(_ALERT_ROWS, firing_id, language, left_out)


def more_rows(firing_id: str, alert: Alert, language: Language) -> Rows:
    """Return the buttons behind `⋯`; a condition too long to copy by itself is sent when asked for."""
    changes = _rows((_MORE_ROW,), firing_id, language, ())
    copy = button("copy", firing_id, language)
    if len(alert.condition.encode("utf-16-le")) // 2 <= _MOST_COPIED:
        copy = Button(copy.text, copy=alert.condition)
    return (*changes, (copy,))


def digest_rows(firing_id: str, language: Language) -> Rows:
    """Return the button under a digest; the firing is its first one, the message itself says which belong to it."""
    return ((button("all", firing_id, language),),)


def _rows(
    table: Collection[Collection[str]], firing_id: str, language: Language, left_out: Collection[str]
) -> Rows:
    rows = (
        tuple(button(action, firing_id, language) for action in row if action not in left_out)
        for row in table
    )
    return tuple(row for row in rows if row)
