"""Mail as it is written: the same words as everywhere, and nothing in it that is not ours."""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from msgspec.structs import replace

from crypto_portfolio_analyzer.channels.email_message import (
    bare_address,
    mail_of,
    question_of,
    sender_domain,
)
from tests.core.notices.hostile import HOSTILE
from tests.core.notices.made import AT, channel, crossing, notice, told, work

TEXTS = {
    "en": """\
🚨 BTC/USDT ▲ 65,012.40 crosses above 65,000
Binance · 14:03:07 UTC · decided after 23 ms
“take half off”

Before: 64,987.10
“BTC breakout” rev 3 · 9f2c41

https://watch.example/firings/9f2c41abcdefghijklmnopqrst

--\x20
You get this through your channel “phone”.
Change or stop it: https://watch.example/settings
""",
    "de": """\
🚨 BTC/USDT ▲ 65.012,40 kreuzt 65.000 nach oben
Binance · 14:03:07 UTC · entschieden nach 23 ms
„take half off“

Davor: 64.987,10
„BTC breakout“ Fassung 3 · 9f2c41

https://watch.example/firings/9f2c41abcdefghijklmnopqrst

--\x20
Du bekommst das über deinen Kanal „phone“.
Ändern oder beenden: https://watch.example/settings
""",
}

OURS = re.compile(r"</?(?:!doctype html|html|head|meta|title|body|p|b|i|br|a)\b")


def read(notification, public_url="", picture=None, sender="alerts@analyzer.test"):
    return message_from_bytes(
        mail_of(notification, sender, "ada@example.org", public_url, picture), policy=default
    )


def text_of(mail):
    return mail.get_body(("plain",)).get_content().replace("\r\n", "\n")


@pytest.mark.parametrize("language", ["en", "de"])
def test_text_in_both_languages(language):
    notification = told(
        crossing(message="take half off"),
        options={"language": language},
        public_url="https://watch.example",
    )
    mail = read(notification, "https://watch.example/")

    assert text_of(mail) == TEXTS[language]
    assert mail["List-Unsubscribe"] == "<https://watch.example/settings>"
    assert f'<html lang="{language}">' in mail.get_body(("html",)).get_content()


def test_no_link_without_a_public_address():
    mail = read(told(crossing()))

    assert mail["List-Unsubscribe"] is None
    assert "http" not in mail.get_body(("plain",)).get_content()
    assert "<a " not in mail.get_body(("html",)).get_content()


def test_own_template_replaces_our_words():
    mail = read(told(crossing(), options={"template": "<b>{{ticker}}</b>\nat {{close}}"}))

    assert text_of(mail).startswith("<b>BTCUSDT</b>\nat 65012.4\n")
    assert "&lt;b&gt;BTCUSDT&lt;/b&gt;\nat 65012.4" in mail.get_body(("html",)).get_content().replace(
        "\r\n", "\n"
    )


def test_mail_is_seven_bit_and_its_lines_are_short():
    raw = mail_of(told(crossing(message="ü" * 500)), "a@b.test", "ada@example.org", "", b"x" * 9000)

    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_adds_no_header_and_no_markup(text):
    for works, links in ((crossing(name=text, message=text), 1), (notice(title=text, text=text), 0)):
        notification = told(works, public_url="https://watch.example")
        mail = read(replace(notification, channel=replace(channel(), name=text)))
        page = mail.get_body(("html",)).get_content()

        assert mail.keys() == read(told(crossing())).keys()
        assert not mail.defects
        assert mail["To"] == "ada@example.org"
        assert [part.get_content_type() for part in mail.walk()] == [
            "multipart/alternative", "text/plain", "text/html",
        ]  # fmt: skip
        assert page.count("<") == len(OURS.findall(page))
        assert page.count("<a ") == links


def test_question_holds_the_code_and_keeps_its_id():
    mails = [question_of(channel(), "4711", "Alerts <a@b.test>", "ada@example.org", AT) for _ in range(2)]

    assert mails[0] == mails[1]
    mail = message_from_bytes(mails[0], policy=default)
    assert "4711" in mail.get_content()
    assert mail["Message-ID"].endswith("@b.test>")


def test_senders_with_and_without_a_name():
    for sender in ("alerts@b.test", "Alerts <alerts@b.test>", '"A, B" <alerts@b.test>'):
        assert (bare_address(sender), sender_domain(sender)) == ("alerts@b.test", "b.test")


def test_other_matters_are_mail_too():
    from_us = told(work(content=None))

    assert "record is gone" in read(from_us)["Subject"]
