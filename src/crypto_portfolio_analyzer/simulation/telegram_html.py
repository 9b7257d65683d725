"""How Telegram reads the HTML of a message: few tags, strictly nested; anything else refuses the whole message.

The sentences of refusal are the Bot API server's own (https://core.telegram.org/bots/api#html-style).
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import NamedTuple

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-time": "date_time",
}
_TIMES = re.compile(r"r|w?[dD]?[tT]?")
_PIECES = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)([^<>]*)>|(<)|([^<]+)")
_ATTRIBUTES = re.compile(r"""([a-zA-Z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_NAMED = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")


class Unreadable(Exception):  # what the server says of a text, not an error of the simulator
    """A text that Telegram refuses; the message is its sentence."""


class Entity(NamedTuple):
    """A stretch of text with a meaning; offset and length in UTF-16 units, as on the wire."""

    type: str
    offset: int
    length: int
    extra: Mapping[str, object] = {}

    def wire(self) -> dict[str, object]:
        """Return it as the Bot API writes it."""
        return {"type": self.type, "offset": self.offset, "length": self.length, **self.extra}


class _Open(NamedTuple):
    tag: str
    offset: int
    type: str
    extra: Mapping[str, object]


def parse(text: str, *, knows_times: bool = True) -> tuple[str, list[Entity]]:
    """Return what is shown, and its entities in order; an older server does not know `tg-time`.

    Raises Unreadable.
    """
    shown: list[str] = []
    length, stack, found = 0, list[_Open](), list[Entity]()
    for piece in _PIECES.finditer(text):
        closing, tag, rest, stray, plain = piece.groups()
        at = len(text[: piece.start()].encode())
        if stray:
            raise Unreadable(f'Unsupported start tag "" at byte offset {at}')
        if plain is not None:
            said = _NAMED.sub(lambda found: unescape(found[0]), plain)
            shown.append(said)
            length += units(said)
        elif closing:
            found.append(_close(stack, tag.lower(), length, at))
        else:
            stack.append(_open(tag.lower(), rest, length, at, knows_times=knows_times))
            _refuse_nesting(stack, at)
    if stack:
        raise Unreadable(f'Can\'t find end tag corresponding to start tag "{stack[-1].tag}"')
    return "".join(shown), sorted((each for each in found if each.length), key=lambda each: each[1:2])


def units(text: str) -> int:
    """Return how long a text is in UTF-16 units, as Telegram counts offsets."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _open(tag: str, rest: str, offset: int, at: int, *, knows_times: bool) -> _Open:
    attributes = {
        name.lower(): unescape(double or single or bare)
        for name, double, single, bare in _ATTRIBUTES.findall(rest)
    }
    if tag == "span" and attributes.get("class") == "tg-spoiler":
        return _Open(tag, offset, "spoiler", {})
    if tag not in KINDS or (tag == "tg-time" and not knows_times):
        raise Unreadable(f'Unsupported start tag "{tag}" at byte offset {at}')
    if tag == "tg-time":
        return _Open(tag, offset, KINDS[tag], _time(attributes, at))
    if tag == "blockquote" and "expandable" in attributes:
        return _Open(tag, offset, "expandable_blockquote", {})
    return _Open(tag, offset, KINDS[tag], {"url": attributes["href"]} if "href" in attributes else {})


def _time(attributes: Mapping[str, str], at: int) -> dict[str, object]:
    unix, style = attributes.get("unix", ""), attributes.get("format", "")
    if not unix.isdecimal():
        raise Unreadable(f"Tag tg-time must have a valid unix time at byte offset {at}")
    if not _TIMES.fullmatch(style):
        raise Unreadable(f"Invalid date-time format at byte offset {at}")
    return {"unix_time": int(unix), **({"date_time_format": style} if style else {})}


def _close(stack: list[_Open], tag: str, end: int, at: int) -> Entity:
    if not stack:
        raise Unreadable(f"Unexpected end tag at byte offset {at}")
    opened = stack.pop()
    if opened.tag != tag:
        raise Unreadable(
            f'Unmatched end tag at byte offset {at}, expected "</{opened.tag}>", found "</{tag}>"'
        )
    return Entity(opened.type, opened.offset, end - opened.offset, opened.extra)


def _refuse_nesting(stack: list[_Open], at: int) -> None:
    tags = [each.tag for each in stack]
    if tags.count("blockquote") > 1:
        raise Unreadable(f"Nested blockquotes are not allowed at byte offset {at}")
