"""Readers: in which language and zone somebody reads, and how numbers and times are written for them."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from functools import lru_cache
from typing import cast
from zoneinfo import ZoneInfo

from msgspec import Struct

from crypto_portfolio_analyzer.core import formats
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.notices.english import ENGLISH
from crypto_portfolio_analyzer.core.notices.german import GERMAN
from crypto_portfolio_analyzer.core.notices.sentences import Sentences

SENTENCES: Mapping[Language, Sentences] = {"en": ENGLISH, "de": GERMAN}
_SECOND = 10**9


class Reader(Struct, frozen=True):
    """Somebody who reads in a language and a time zone, at an instant `now` (ns UTC)."""

    language: Language
    zone: tzinfo
    now: int

    @property
    def sentences(self) -> Sentences:
        """Return the sentences of the language."""
        return SENTENCES[self.language]

    def price(self, value: float | None) -> str:
        """Write a price in full decimals."""
        return formats.price(value, language=self.language)

    def change(self, points: float, digits: int = 2) -> str:
        """Write a change in percent points with its sign, without the arrow."""
        text = formats.change(points, digits, language=self.language)
        return text.removeprefix(f"{formats.UP} ").removeprefix(f"{formats.DOWN} ")

    def count(self, value: int) -> str:
        """Write a whole number."""
        return formats.count(value, language=self.language)

    def span(self, ns: int) -> str:
        """Write how long something took."""
        return formats.duration(max(0, ns) / _SECOND, language=self.language)

    def age(self, ns: int) -> str:
        """Write how late something is or how long it lasted, in whole seconds from ten on."""
        return formats.age(ns / _SECOND, language=self.language)

    def moment(self, at: int) -> str:
        """Write an instant with its zone: 14:03:07 UTC."""
        name = formats.local(at, self.zone).tzname() or ""
        return f"{formats.moment(at, self.now, self.zone, language=self.language)} {name}"


def reader_of(options: Mapping[str, object], now: int) -> Reader:
    """Return the reader whom a channel's options `language` and `zone` describe."""
    language = options.get("language", "en")
    zone = options.get("zone") or "UTC"
    return Reader(cast(Language, language if language in SENTENCES else "en"), _zone(str(zone)), now)


@lru_cache(maxsize=64)
def _zone(name: str) -> tzinfo:
    """Return a time zone; UTC for one that this system does not know: no message is lost to it, and it says so."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError):  # a path, an unknown name, a folder of names
        return UTC
