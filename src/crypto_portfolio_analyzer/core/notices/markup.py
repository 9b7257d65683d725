"""Markup: foreign text made harmless, and escaped for each medium so that it reads as what it is.

`clean` does what the dashboard's `text(kind, value)` does; a medium's function then keeps it from being markup
there. Clean first, escape last.
"""

import html as html_entities
import re
import unicodedata
from collections.abc import Callable
from typing import Literal, TypeAlias

from crypto_portfolio_analyzer.core.notices.graphemes import EMOJI, JOINER, cut

Kind = Literal["symbol", "name", "headline", "note"]
Escape: TypeAlias = Callable[[str], str]

LIMITS: dict[Kind, int] = {"symbol": 16, "name": 64, "headline": 200, "note": 500}
"""Graphemes that are shown of each kind of text."""

_UNSEEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_LONE_JOINER = re.compile(f"(?<![{EMOJI}])(?<![{EMOJI}]\ufe0f){JOINER}|{JOINER}(?![{EMOJI}])")
_NOTHING_TO_DO = re.compile(r"[\x20-\x7e]*")
_MARKS = ("Mn", "Me")
_MOST_MARKS = 2
_DISCORD = re.compile(r"[\\*_~`|<>\[\]()#+:\-]|(?<=\d)\.(?=\s|$)", re.MULTILINE)
_MENTION = re.compile("@")
_BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def clean(text: str, kind: Kind) -> str:
    """Return foreign text without what cannot be seen or piles up, cut to what its kind may be long."""
    return cut(_seen(text), LIMITS[kind])


def clean_lines(text: str) -> str:
    """Return foreign text of many lines, each made clean; nothing is cut."""
    return "\n".join(_seen(line) for line in re.split(r"\r\n|[\n\r\u2028\u2029]", text))


def one_line(text: str) -> str:
    """Return a text with its breaks and runs of blanks as single blanks."""
    return _BLANKS.sub(" ", text).strip()


def telegram(text: str) -> str:
    """Escape for Telegram's HTML mode, as text or as an attribute in double quotes."""
    return html_entities.escape(text, quote=False).replace('"', "&quot;")


def discord(text: str) -> str:
    """Escape for Discord: no markdown, masked or plain link, list, heading, time stamp, emoji or mention.

    A mention is broken by a blank without width, as a backslash does not keep `@everyone` from being heard.
    """
    return _MENTION.sub("@\u200b", _DISCORD.sub(r"\\\g<0>", text))


def header(text: str) -> str:
    """Return a text fit for an e-mail header: one line, nothing unseen, and nothing that mail programs decode."""
    return _seen(one_line(text)).replace("=?", "= ?")


def html(text: str) -> str:
    """Escape for HTML, as text or as a quoted attribute."""
    return html_entities.escape(text, quote=True)


def csv_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; the CSV writer does the quoting."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def plain(text: str) -> str:
    """Return a text for a medium without markup."""
    return text


def _seen(text: str) -> str:
    if _NOTHING_TO_DO.fullmatch(text):
        return text
    return _unpiled(unicodedata.normalize("NFC", _LONE_JOINER.sub("", _UNSEEN.sub("", text))))


def _unpiled(text: str) -> str:
    """Return a text with at most two combining marks in a row."""
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
