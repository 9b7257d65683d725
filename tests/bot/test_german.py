"""German, as it is read: every command's answer against a golden file, and the same names as in English."""

from pathlib import Path
from string import Formatter

import pytest

from crypto_portfolio_analyzer.bot.english import ENGLISH
from crypto_portfolio_analyzer.bot.german import GERMAN
from tests.bot.golden import transcript

GOLDEN = Path(__file__).parent / "golden.de.html.txt"


async def test_every_command_answers_in_german(tmp_path, sqlite_template):
    assert await transcript(tmp_path, sqlite_template, "de") == GOLDEN.read_text()


def test_both_languages_have_the_same_sentences():
    assert GERMAN.keys() == ENGLISH.keys()


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_both_languages_say_the_same_values(key):
    assert names_in(GERMAN[key]) == names_in(ENGLISH[key])


def names_in(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
