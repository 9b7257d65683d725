"""Telegram's messages: a notification as its HTML, whatever is in it, and as plain text.

The first line is what a lock screen shows. What people read as a whole stays within 500 characters, as longer
messages are throttled sooner; an owner's own template may be as long as Telegram takes it.
"""

from typing import NamedTuple

from crypto_portfolio_analyzer.channels.texts import fitted, utf16_units
from crypto_portfolio_analyzer.core.notices.markup import clean_lines, telegram
from crypto_portfolio_analyzer.core.notices.notification import Notification
from crypto_portfolio_analyzer.core.notices.reader import Reader, reader_of

SHORT = 500
"""Characters (UTF-16 units, without markup) of a message in our own words."""
MOST = 4096
MOST_CAPTION = 1024
_LEAST = 24
"""What is cut to less than this is left out."""


class Text(NamedTuple):
    """A message twice: as HTML, and the plain form for a server that cannot read it."""

    html: str
    plain: str

    @property
    def fits_caption(self) -> bool:
        """Whether a picture can carry it without losing a word."""
        return utf16_units(self.plain) <= MOST_CAPTION


class _Parts(NamedTuple):
    headline: str
    lines: tuple[str, ...] = ()
    note: str = ""
    more: str = ""
    link: str = ""


def text_of(notification: Notification) -> Text:
    """Return what a notification says in Telegram."""
    reader = reader_of(notification.channel.options, notification.at)
    if notification.body:
        return _own(notification, reader)
    parts = _fitted(notification, reader)
    return Text(_html(notification, parts, reader), _plain(parts))


def _own(notification: Notification, reader: Reader) -> Text:
    """Return an owner's own template, filled in; what may have been told before says so."""
    repeat = f"{reader.sentences.repeat}\n" if notification.is_repeat else ""
    body = _cut(repeat + clean_lines(notification.body), MOST)
    return Text(telegram(body), body)


def _fitted(notification: Notification, reader: Reader) -> _Parts:
    """Return the parts that there is room for: the first line, then what matters most."""
    link = reader.sentences.view if notification.url else ""
    room = _Room(SHORT - (utf16_units(link) + 1 if link else 0))
    headline = room.take(notification.headline)
    lines = tuple(filter(None, map(room.take, notification.lines)))
    note = room.take(reader.sentences.quoted.format(notification.note)) if notification.note else ""
    more = room.take(" · ".join(notification.more))
    return _Parts(headline, lines, note, more, link)


class _Room:
    """What is left of a message's length."""

    def __init__(self, units: int) -> None:
        self._left = units

    def take(self, text: str) -> str:
        """Return as much of a text as fits, clean, and count it with its line break; nothing once it is full."""
        wanted = clean_lines(text).replace("\n", " ")
        taken = _cut(wanted, self._left)
        if taken != wanted and self._left < _LEAST:
            taken = ""
        self._left -= utf16_units(taken) + 1 if taken else 0
        return taken


def _cut(text: str, units: int) -> str:
    return fitted(text, lambda shorter: utf16_units(shorter) <= units)


def _plain(parts: _Parts) -> str:
    return "\n".join(filter(None, (parts.headline, *parts.lines, parts.note, parts.more)))


def _html(notification: Notification, parts: _Parts, reader: Reader) -> str:
    firing = notification.firing
    lines = [telegram(line) for line in parts.lines]
    headline = telegram(parts.headline)
    if firing is not None:
        headline = _bold(headline, telegram(firing.symbol), telegram(reader.price(firing.price)))
        lines = [_timed(line, telegram(reader.moment(firing.event_at)), firing.event_at) for line in lines]
    note = f"<i>{telegram(parts.note)}</i>" if parts.note else ""
    more = f"<blockquote expandable>{telegram(parts.more)}</blockquote>" if parts.more else ""
    link = f'<a href="{telegram(notification.url)}">{telegram(parts.link)}</a>' if parts.link else ""
    return "\n".join(filter(None, (headline, *lines, note, more, link)))


def _bold(headline: str, symbol: str, price: str) -> str:
    """Return the line with symbol to price set in bold, if it has them in this order."""
    start = headline.find(symbol)
    at = headline.find(price, start + len(symbol))
    if start < 0 or at < 0:
        return headline
    end = at + len(price)
    return f"{headline[:start]}<b>{headline[start:end]}</b>{headline[end:]}"


def _timed(line: str, written: str, at: int) -> str:
    """Return the line with the instant marked, so that each reader sees it in their own zone."""
    shape = "T" if written[2:3] == ":" else "dt"
    marked = f'<tg-time unix="{at // 10**9}" format="{shape}">{written}</tg-time>'
    return line.replace(written, marked, 1)
