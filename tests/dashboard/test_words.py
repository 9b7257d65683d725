"""The page's words: complete in English and German, none unused, none missing."""

import re

from crypto_portfolio_analyzer.dashboard.files import STATIC

FILES = [STATIC / "js" / "words.js", *sorted((STATIC / "js" / "words").glob("*.js"))]
WORDS = "\n".join(path.read_text() for path in FILES)
ENTRY = re.compile(r'^  (\w+): \[\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\s*,?\s*\],$', re.MULTILINE)
ENTRIES = {key: (english, german) for key, english, german in ENTRY.findall(WORDS)}
MADE_UP = (
    "state_",
    "watch_",
    "theme",
    "watch",
    "alert_",
    "leaf_",
    "now_",
    "preset",
    "step_",
    "tab_",
    "trigger_",
    "delivery_",
    "kind_",
    "outcome_",
    "way_",
    "since_",
    "welcome_",
    "queue_",
    "severity_",
    "span_",
    "cause_",
    "look_",
    "colours_",
    "settings_",
    "scope_",
    "area_",
    "role_",
    "match_",
    "relation_",
    "gap_",
    "side_",
)
"""Beginnings of keys that the code puts together."""


def used() -> set[str]:
    scripts = "\n".join(
        path.read_text()
        for path in (STATIC / "js").rglob("*.js")
        if not {path.name, path.parent.name} & {"words.js", "words"}
    )
    page = (STATIC / "index.html").read_text()
    marked = re.findall(r'data-t(?:-\w+)?="(\w+)"', page)
    return set(marked) | set(re.findall(r'"(\w+)"', scripts))


def test_every_entry_was_read() -> None:
    assert len(ENTRIES) == len(re.findall(r"^  \w+: \[", WORDS, re.MULTILINE)) > 100


def test_no_sentence_is_empty_in_either_language() -> None:
    assert [key for key, pair in ENTRIES.items() if not all(pair)] == []


def test_blanks_are_the_same_in_both_languages() -> None:
    def blanks(text: str) -> list[str]:
        return sorted(re.findall(r"\{(\w+)\}", text))

    assert [key for key, (english, german) in ENTRIES.items() if blanks(english) != blanks(german)] == []


def test_every_marked_text_of_the_page_has_words() -> None:
    marked = re.findall(r'data-t(?:-\w+)?="(\w+)"', (STATIC / "index.html").read_text())

    assert [key for key in marked if key not in ENTRIES] == []


def test_every_key_that_the_scripts_ask_for_has_words() -> None:
    scripts = "\n".join(path.read_text() for path in (STATIC / "js").glob("*.js"))
    asked = re.findall(r'(?<![\w.])t\("(\w+)"', scripts)

    assert [key for key in asked if key not in ENTRIES] == []


def test_no_words_are_left_over() -> None:
    assert [key for key in ENTRIES if key not in used() and not key.startswith(MADE_UP)] == []
