"""Telegram's HTML is read as Telegram does: few tags, strictly nested, offsets in UTF-16."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.simulation.telegram_html import Entity, Unreadable, parse, units


@pytest.mark.parametrize(
    ("html", "shown", "entities"),
    [
        ("plain & simple", "plain & simple", []),
        ("a &lt;b&gt; &amp;amp; &quot;c&quot; &#x41;", 'a <b> &amp; "c" A', []),
        ("&unknown; &copy;", "&unknown; &copy;", []),
        ("<b>a</b>", "a", [Entity("bold", 0, 1)]),
        ("🚨 <STRONG>x</STRONG>", "🚨 x", [Entity("bold", 3, 1)]),
        ("<b>a<i>b</i></b>", "ab", [Entity("bold", 0, 2), Entity("italic", 1, 1)]),
        ("<u></u>x", "x", []),
        (
            '<a href="https://x.y/?a=1&amp;b=2">l</a>',
            "l",
            [Entity("text_link", 0, 1, {"url": "https://x.y/?a=1&b=2"})],
        ),
        ("<blockquote expandable>q</blockquote>", "q", [Entity("expandable_blockquote", 0, 1)]),
        ("<blockquote>q</blockquote>", "q", [Entity("blockquote", 0, 1)]),
        ('<span class="tg-spoiler">s</span>', "s", [Entity("spoiler", 0, 1)]),
        (
            '<tg-time unix="5" format="wdT">t</tg-time>',
            "t",
            [Entity("date_time", 0, 1, {"unix_time": 5, "date_time_format": "wdT"})],
        ),
        ('<tg-time unix="5">t</tg-time>', "t", [Entity("date_time", 0, 1, {"unix_time": 5})]),
    ],
)
def test_what_can_be_read_is_shown_with_its_entities(html, shown, entities):
    assert parse(html) == (shown, entities)


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("ä<script>x</script>", 'Unsupported start tag "script" at byte offset 2'),
        ("<span>x</span>", 'Unsupported start tag "span"'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'expected "</i>", found "</b>"'),
        ('<tg-time unix="soon">x</tg-time>', "valid unix time"),
        ('<tg-time unix="5" format="HH:MM">x</tg-time>', "Invalid date-time format"),
        ("<blockquote><blockquote>x</blockquote></blockquote>", "Nested blockquotes"),
    ],
)
def test_what_cannot_be_read_is_refused_in_telegrams_words(html, sentence):
    with pytest.raises(Unreadable) as caught:
        parse(html)

    assert sentence in str(caught.value)


def test_an_older_server_knows_no_times():
    with pytest.raises(Unreadable, match='Unsupported start tag "tg-time"'):
        parse('<tg-time unix="5">t</tg-time>', knows_times=False)


@given(st.text(st.characters(exclude_characters="<&", exclude_categories=["Cs"])))
def test_text_without_markup_is_shown_as_it_is(text):
    assert parse(text) == (text, [])
    assert units(text) == sum(1 + (ord(each) > 0xFFFF) for each in text)
