"""Foreign text is harmless, and reads in each medium as what it is."""

import csv
import html as html_entities
import io
import re
import unicodedata
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.core.notices.graphemes import width
from crypto_portfolio_analyzer.core.notices.markup import (
    LIMITS,
    clean,
    clean_lines,
    csv_cell,
    discord,
    header,
    html,
    one_line,
    plain,
    telegram,
)
from tests.core.notices.hostile import HOSTILE

UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
ACTIVE = set("*_~`|<>[]()#")
TEXTS = st.one_of(st.text(), st.sampled_from(HOSTILE))
KINDS = st.sampled_from(sorted(LIMITS))


def test_corpus_is_large():
    assert len(set(HOSTILE)) >= 100


@given(TEXTS, KINDS)
def test_clean_text_holds_nothing_unseen_and_fits(text, kind):
    shown = clean(text, kind)

    assert not UNSEEN.search(shown)
    assert width(shown) <= LIMITS[kind]
    assert unicodedata.normalize("NFC", shown) == shown
    assert clean(shown, kind) == shown
    shown.encode()


@given(st.text(st.sampled_from("e\u0301\u0323\u0489x"), max_size=50))
def test_accents_do_not_pile_up(text):
    run = 0
    for character in clean(text, "note"):
        run = run + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        assert run <= 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("👩\u200d👧", "👩\u200d👧"),
        ("❤️\u200d🔥", "❤️\u200d🔥"),
        ("👩🏽\u200d💻", "👩🏽\u200d💻"),
        ("a\u200db", "ab"),
        ("👩\u200d", "👩"),
        ("e\u200b\u0301", "é"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 17, "x" * 15 + "…"),
        ("\ud83dx", "x"),
    ],
)
def test_clean_by_example(text, shown):
    assert clean(text, "symbol") == shown


@given(TEXTS)
def test_telegram_reads_what_was_written(text):
    escaped = telegram(text)

    assert not set('<>"') & set(escaped)
    assert re.sub("&(amp|lt|gt|quot);", "", escaped).find("&") == -1
    assert html_entities.unescape(escaped) == text


@given(TEXTS)
def test_html_reads_what_was_written(text):
    escaped = html(text)

    assert not set("<>\"'") & set(escaped)
    assert html_entities.unescape(escaped) == text


@given(TEXTS.map(lambda text: clean(text, "note")))
def test_discord_reads_what_was_written(text):
    escaped = discord(text)
    bare = re.sub(r"\\.", "", escaped)

    assert not ACTIVE & set(bare)
    assert "://" not in bare
    assert not re.search(r"@(?!\u200b)", escaped)
    assert not re.search(r"^\s*(-|\+|\d+\.(\s|$))", bare, re.MULTILINE)
    assert re.sub(r"\\([^0-9A-Za-z\s])", r"\1", escaped).replace("@\u200b", "@") == text


@given(TEXTS)
def test_headers_stay_one_header(text):
    message = EmailMessage(SMTP)
    message["Subject"] = header(text)

    assert not set("\r\n") & set(header(text))
    (line, *more), _ = message.as_bytes().split(b"\r\n"), None
    assert line.startswith(b"Subject:")
    assert all(not each or each[:1] in b" \t" for each in more)


@given(TEXTS)
def test_no_cell_is_a_formula(text):
    file = io.StringIO()
    csv.writer(file).writerow([csv_cell(text)])

    assert not csv_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert csv_cell(text).removeprefix("'") == text.removeprefix("'")


def test_lines_are_kept_apart_or_joined():
    assert clean_lines("a\r\nb\u2028c\x07\rd") == "a\nb\nc\nd"
    assert one_line(" a\r\n\tb \x00c ") == "a b c"
    assert plain("<b>") == "<b>"
