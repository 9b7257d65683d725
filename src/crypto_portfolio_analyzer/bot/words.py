"""Words: everything the bot says, in the reader's language, with every value in it escaped."""

from collections.abc import Mapping

from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.bot.german import GERMAN
from crypto_portfolio_analyzer.core.formats import Language
from crypto_portfolio_analyzer.core.notices.markup import clean_lines, telegram

TABLES: Mapping[Language, Mapping[str, str]] = {"en": ENGLISH, "de": GERMAN}
LANGUAGES: Mapping[Language, str] = {"en": "English", "de": "Deutsch"}


class Html(str):
    """A text that is HTML already."""

    __slots__ = ()


class Words:
    """What is said in one language."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self._table = TABLES[language]

    def __call__(self, key: str, **values: object) -> Html:
        """Return a sentence as HTML; values that are not `Html` are escaped."""
        return Html(self._table[key].format_map({name: escaped(value) for name, value in values.items()}))

    def plain(self, key: str, **values: object) -> str:
        """Return a sentence without markup: a button's label, the answer to a press."""
        return self._table[key].format_map({name: clean_lines(str(value)) for name, value in values.items()})


def escaped(value: object) -> Html:
    """Return a value as HTML that reads as what it is."""
    return value if isinstance(value, Html) else Html(telegram(clean_lines(str(value))))


def language_of(code: str | None) -> Language:
    """Return the language we speak to a reader whose client says `de-AT`."""
    return "de" if (code or "").lower().startswith("de") else "en"


def joined(*lines: str) -> Html:
    """Return lines of HTML below each other, empty ones left out."""
    return Html("\n".join(line for line in lines if line))
