"""Graphemes: what a reader sees as one character, so that a cut never leaves half of one.

After UAX #29, for what occurs in names and messages: combining marks, variation selectors, emoji with modifiers
and joiners, and flags.
"""

import re
import unicodedata
from collections.abc import Iterator

JOINER = "\u200d"
EMOJI = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u24c2\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
"""Ranges of a character class: what emoji begin with, skin tones among them."""

_SINGLE = re.compile("[\x00-\u02ff\u2010-\u20cf\u2100-\u2bff\U0001f300-\U0001f3fa\U0001f400-\U0001faff]*")
"""Characters that never join with a neighbour: nearly all of what we write ourselves."""


def graphemes(text: str) -> Iterator[str]:
    """Yield the graphemes of a text, in order."""
    cluster = ""
    for character in text:
        if cluster and _belongs(character, cluster):
            cluster += character
            continue
        if cluster:
            yield cluster
        cluster = character
    if cluster:
        yield cluster


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` graphemes, the last one `…` if there were more."""
    if len(text) <= limit:
        return text
    parts = list(graphemes(text))
    return text if len(parts) <= limit else "".join(parts[: limit - 1]).rstrip() + "…"


def width(text: str) -> int:
    """Return how many graphemes a text has."""
    return len(text) if _SINGLE.fullmatch(text) else sum(1 for _ in graphemes(text))


def _belongs(character: str, cluster: str) -> bool:
    """Tell whether a character continues a grapheme."""
    if character.isascii():
        return False
    if character == JOINER or cluster[-1] == JOINER or _is_tone(character):
        return True
    if _is_regional(character):
        return len(cluster) == 1 and _is_regional(cluster)
    return unicodedata.category(character)[0] == "M"


def _is_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
