"""Telegram's messages read as agreed in both languages, stay short, and are valid HTML whatever is in them."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from crypto_portfolio_analyzer.channels.telegram_text import MOST, SHORT, text_of
from crypto_portfolio_analyzer.channels.texts import utf16_units
from crypto_portfolio_analyzer.simulation.telegram_html import parse
from tests.core.notices.made import RSI, alert, crossing, falls, firing, notice, told, work

ENGLISH = """\
🚨 <b>BTC/USDT ▲ 65,012.40</b> crosses above 65,000
24 h +2.31%
Binance · <tg-time unix="1795183387" format="T">14:03:07 UTC</tg-time> · decided after 23 ms
<i>“take half off”</i>
<blockquote expandable>Before: 64,987.10 · “BTC breakout” rev 3 · 9f2c41</blockquote>"""
GERMAN = """\
🚨 <b>BTC/USDT ▲ 65.012,40</b> kreuzt 65.000 nach oben
24 h +2,31\u00a0%
Binance · <tg-time unix="1795183387" format="T">15:03:07 CET</tg-time> · entschieden nach 23 ms
<i>„Hälfte verkaufen“</i>
<blockquote expandable>Davor: 64.987,10 · „BTC breakout“ Fassung 3 · 9f2c41</blockquote>"""
NASTY = (
    "</b>",
    "<script>",
    "&lt;",
    '"><a href="tg://x">',
    "<tg-time",
    "&",
    "\u202e",
    "🏳️‍🌈",
    "]]>",
    "<",
    "\ud800",
)
hostile = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=40)), max_size=40).map("".join)


def shown(text):
    """Return what a reader sees, as the server reads the HTML."""
    return parse(text.html)[0]


def test_a_firing_reads_as_agreed_in_english():
    message = told(crossing(message="take half off"), moves={"BTC/USDT": 2.31})

    assert text_of(message).html == ENGLISH


def test_a_firing_reads_as_agreed_in_german():
    options = {"language": "de", "zone": "Europe/Berlin"}
    message = told(crossing(message="Hälfte verkaufen"), options=options, moves={"BTC/USDT": 2.31})

    assert text_of(message).html == GERMAN


def test_what_a_reader_sees_is_the_plain_form():
    text = text_of(told(crossing(message="a < b & c")))

    assert shown(text) == text.plain


def test_an_instant_of_another_day_is_marked_with_its_date():
    of = alert()
    message = told(work(firing(of, event_at=1_795_183_387 * 10**9 - 86_400 * 10**9), of))

    assert '<tg-time unix="1795096987" format="dt">Thu 14:03 UTC</tg-time>' in text_of(message).html


def test_a_digest_has_its_rows_and_no_instant():
    text = text_of(told(*falls(37), breadth=(88, 412)))

    assert text.html.startswith("📉 37 alerts in ")
    assert "tg-time" not in text.html
    assert utf16_units(shown(text)) <= SHORT


def test_a_link_appears_where_there_is_somewhere_to_go():
    assert "<a " not in text_of(told(crossing())).html
    linked = text_of(told(crossing(), public_url="https://desk.example/"))

    assert '<a href="https://desk.example/firings/9f2c41abcdefghijklmnopqrst">Open</a>' in linked.html
    assert "https" not in linked.plain


def test_what_may_have_been_told_says_so():
    assert "(repeat)" in text_of(told(crossing(), is_repeat=True)).html
    own = text_of(told(crossing(), is_repeat=True, options={"template": "{{ticker}} now"}))

    assert own.html == "(repeat)\nBTCUSDT now"


def test_an_owners_template_replaces_our_words_and_is_escaped():
    text = text_of(told(crossing(), options={"template": "<b>{{ticker}}</b> & co"}))

    assert text.html == "&lt;b&gt;BTCUSDT&lt;/b&gt; &amp; co"
    assert text.plain == "<b>BTCUSDT</b> & co"


def test_a_long_template_is_cut_to_what_telegram_takes_and_carries_no_picture():
    message = replace(told(crossing()), body="🙂" * 3000)

    assert utf16_units(shown(text_of(message))) <= MOST
    assert not text_of(message).fits_caption


def test_in_a_full_message_the_first_lines_stay():
    message = replace(told(crossing(message="n" * 900)), lines=("first", "second", "z" * 900))
    text = shown(text_of(message))

    assert text.split("\n")[1:3] == ["first", "second"]
    assert utf16_units(text) == SHORT


def test_a_notice_is_told_in_its_own_words():
    assert text_of(told(notice())).html == "⚠️ Webhook “desk” was switched off\nIt answered 410."


@given(hostile, hostile, hostile, hostile)
def test_hostile_names_leave_the_html_valid_and_short(headline, line, note, more):
    message = replace(
        told(crossing()), headline=headline, lines=(line, line[::-1]), note=note, more=(more, headline)
    )
    text = text_of(message)

    seen, entities = parse(text.html)
    assert utf16_units(seen) <= SHORT
    assert seen == text.plain
    assert {each.type for each in entities} <= {"bold", "italic", "expandable_blockquote", "date_time"}


@given(hostile)
def test_a_hostile_template_leaves_the_html_valid(body):
    text = text_of(replace(told(crossing()), body=body or "x"))

    assert parse(text.html) == (unescape(text.html), [])


@pytest.mark.parametrize("symbol", ["A&B/USDT", "<b>/USDT", "ÄÖ/USDT"])
def test_an_odd_symbol_is_bold_with_its_price(symbol):
    of = alert("rsi(14) on 1h > 70", symbols=(symbol,))
    _seen, entities = parse(text_of(told(work(firing(of, RSI), of))).html)

    assert entities[0].type == "bold"
