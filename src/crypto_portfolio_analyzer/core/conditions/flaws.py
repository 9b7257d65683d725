"""Flaws: what is wrong with a condition and where, on the way to becoming an InvalidCondition."""

from collections.abc import Iterable
from difflib import get_close_matches


class Flaw(Exception):  # what was found, not what happened
    """Something wrong in `start`..`end` (0-based, end exclusive) of a condition.

    `instead` is what would be right in that place; with `everywhere`, in every place of one of these characters.
    """

    def __init__(
        self, start: int, end: int, problem: str, instead: str | None = None, *, everywhere: str = ""
    ) -> None:
        super().__init__(start, end, problem, instead)
        self.start, self.end, self.problem, self.instead = start, end, problem, instead
        self._everywhere = everywhere

    def fixed(self, text: str) -> str | None:
        """Return the whole condition with what would be right, if that is known."""
        if self.instead is None:
            return None
        if self._everywhere:
            return text.translate(dict.fromkeys(map(ord, self._everywhere), self.instead))
        return text[: self.start] + self.instead + text[self.end :]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word closest in spelling, if any is close."""
    by_lower = {each.lower(): each for each in known}
    matches = get_close_matches(word.lower()[:64], by_lower, n=1, cutoff=0.6)
    return by_lower[matches[0]] if matches else None


def listed(words: Iterable[str], join: str = "or") -> str:
    """Return words as a sentence lists them."""
    *most, last = words
    return f"{', '.join(most)} {join} {last}" if most else last
