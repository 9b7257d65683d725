"""E-mail: what a mail server makes of each attempt, and what we make of its answers."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiosmtpd.smtp import SMTP

from crypto_portfolio_analyzer.channels.email import EmailChannel
from crypto_portfolio_analyzer.channels.guard import Guard
from crypto_portfolio_analyzer.channels.kinds import CHANNELS, MailAccount, World
from crypto_portfolio_analyzer.core.notices.notification import Channel
from crypto_portfolio_analyzer.core.notices.wording import compose
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from tests.channels.postbox import Postbox, certificate, serve
from tests.core.notices.made import AT, crossing
from tests.fakes import FakeClock

PASSWORD = "canary-password"  # that nothing may repeat
PICTURE = b"\x89PNG\r\n\x1a\n picture"


def phone(**options):
    return Channel(
        id="chan1", owner="ada", type="email", name="inbox", options={"to": "ada@example.org"} | options
    )


def message(channel=None, **changes):
    values = {"at": AT, "attempt": 1, "is_repeat": False, "simulated": False}
    return compose([crossing()], channel or phone(), **values | changes)


def email(port, *, security="none", user="", password="", sender="Alerts <alerts@analyzer.test>", **world):
    account = MailAccount("127.0.0.1", port, security, user, password, sender)
    return EmailChannel(World(clock=FakeClock(), guard=Guard(), mail=account, **world))


@asynccontextmanager
async def listening(postbox, **options):
    server = await serve(postbox, **options)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def failure(channel, notification=None):
    with pytest.raises(DeliveryFailed) as caught:
        await channel.send(notification or message())
    assert caught.value.__context__ is None
    return caught.value


async def test_mail_arrives_with_text_and_html():
    postbox = Postbox()
    async with listening(postbox) as port:
        accepted = await email(port).send(message())

    (mail,) = postbox.mails
    assert (accepted.status, accepted.reference) == (250, message().key)
    assert postbox.envelopes[0].mail_from == "alerts@analyzer.test"
    assert postbox.envelopes[0].rcpt_tos == ["ada@example.org"]
    assert mail["Subject"] == "🚨 BTC/USDT ▲ 65,012.40 crosses above 65,000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "decided after 23 ms" in mail.get_body(("plain",)).get_content()
    assert "decided after 23 ms" in mail.get_body(("html",)).get_content()


async def test_message_id_is_the_same_over_attempts():
    postbox = Postbox(at_data=["451 4.3.0 later"])
    async with listening(postbox) as port:
        channel = email(port)
        error = await failure(channel)
        await channel.send(message(attempt=2))
        await channel.send(message(attempt=3, is_repeat=True))

    assert error.transient
    assert error.status == 451
    assert {mail["Message-ID"] for mail in postbox.mails} == {f"<{message().key}@analyzer.test>"}


@pytest.mark.parametrize(
    ("answers", "is_transient", "disables"),
    [
        ({"at_rcpt": ["450 4.2.1 greylisted"]}, True, False),
        ({"at_data": ["452 4.3.1 disk full"]}, True, False),
        ({"at_data": ["554 5.7.1 looks like spam"]}, False, False),
        ({"at_rcpt": ["552 5.2.2 mailbox full"]}, False, False),
        ({"at_rcpt": ["550 5.7.1 policy"]}, False, False),
        ({"at_rcpt": ["550 5.1.1 no such user"]}, False, True),
    ],
)
async def test_answers_mean_later_or_never(answers, is_transient, disables):
    postbox = Postbox(**answers)
    async with listening(postbox) as port:
        error = await failure(email(port))

    said = next(iter(answers.values()))[0]
    assert (error.transient, error.disables, error.is_unknown) == (is_transient, disables, False)
    assert error.status == int(said[:3])
    assert said[10:] not in str(error)
    assert postbox.mails == []


async def test_connection_lost_after_the_mail_leaves_its_fate_unknown():
    postbox = Postbox(drops_after_data=1)
    async with listening(postbox) as port:
        error = await failure(email(port))

    assert error.is_unknown
    assert error.transient
    assert len(postbox.mails) == 1


async def test_silent_server_is_given_up_and_nothing_can_have_arrived(monkeypatch):
    monkeypatch.setattr("crypto_portfolio_analyzer.channels.email.PATIENCE", 0.2)

    has_left = asyncio.Event()

    async def say_nothing(reader, writer):
        await reader.read()  # until the client gives up
        writer.close()
        await writer.wait_closed()
        has_left.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    async with server:
        error = await failure(email(server.sockets[0].getsockname()[1]))
        await has_left.wait()

    assert (error.error, error.is_unknown, error.transient) == ("timeout_connect", False, True)


async def test_server_that_wants_nobody_is_the_operators_to_put_right():
    async def refuse(_reader, writer):
        writer.write(b"554 no mail here\r\n")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        error = await failure(email(server.sockets[0].getsockname()[1]))

    assert (error.status, error.transient, error.is_config) == (554, True, True)


async def test_nobody_listening_is_refused():
    async with listening(Postbox()) as port:
        pass
    error = await failure(email(port))

    assert (error.error, error.transient) == ("refused", True)


async def test_starttls_with_login(tmp_path, monkeypatch):
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    postbox = Postbox()
    options = {"tls_context": context, "require_starttls": True, "auth_required": True}
    async with listening(postbox, authenticator=postbox.authenticate, **options) as port:
        await email(port, security="starttls", user="ada", password="right").send(message())

    assert postbox.logins == [(b"ada", b"right")]
    assert len(postbox.mails) == 1


async def test_tls_from_the_first_byte(tmp_path, monkeypatch):
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    postbox = Postbox()
    async with listening(postbox, tls=context) as port:
        await email(port, security="tls").send(message())

    assert len(postbox.mails) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_untrusted_certificate_is_final_and_nothing_is_sent(security, tmp_path):
    _, context = certificate(tmp_path)
    postbox = Postbox()
    options = {"tls": context} if security == "tls" else {"tls_context": context}
    async with listening(postbox, **options) as port:
        error = await failure(email(port, security=security))

    assert (error.error, error.transient, error.is_config) == ("tls", False, True)
    assert postbox.mails == []


async def test_server_without_starttls_gets_neither_password_nor_mail():
    postbox = Postbox()
    async with listening(postbox) as port:
        error = await failure(email(port, security="starttls", user="ada", password=PASSWORD))

    assert (error.error, error.is_config) == ("tls", True)
    assert (postbox.mails, postbox.logins) == ([], [])


async def test_wrong_password_is_told_without_it(tmp_path, monkeypatch):
    file, context = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    postbox = Postbox()
    async with listening(postbox, tls_context=context, authenticator=postbox.authenticate) as port:
        channel = email(port, security="starttls", user="ada", password=PASSWORD)
        error = await failure(channel)

    assert (error.status, error.is_config, error.transient) == (535, True, True)
    assert PASSWORD not in f"{error!r} {error} {error.detail} {channel!r}"


async def test_picture_stands_in_the_mail():
    async def draw(_notification):
        return PICTURE

    postbox = Postbox()
    async with listening(postbox) as port:
        channel = email(port, picture=draw)
        await channel.send(message())
        await channel.send(message(phone(picture="off")))

    with_it, without = postbox.mails
    (picture,) = (part for part in with_it.walk() if part.get_content_type() == "image/png")
    assert picture.get_content() == PICTURE
    assert f"cid:{picture['Content-ID'].strip('<>')}" in with_it.get_body(("html", "related")).as_string()
    assert "cid:" not in without.as_string()


async def test_picture_that_takes_too_long_holds_no_mail_up(monkeypatch):
    monkeypatch.setattr("crypto_portfolio_analyzer.channels.email._PICTURE_PATIENCE", 0.05)
    drawing = asyncio.Event()

    async def draw(_notification):
        await drawing.wait()

    postbox = Postbox()
    async with listening(postbox) as port:
        await email(port, picture=draw).send(message())

    assert len(postbox.mails) == 1


async def test_unconfirmed_address_gets_the_code_and_nothing_of_the_market():
    postbox = Postbox()
    async with listening(postbox) as port:
        answered = await email(port).prove(phone(language="de"), "code-4711")

    (mail,) = postbox.mails
    assert not answered
    assert mail["Subject"] == "Ist das deine Adresse?"
    assert "code-4711" in mail.get_content()
    assert EmailChannel.needs_proof(email(port), {})


@pytest.mark.parametrize(
    "to",
    [
        "", "ada", "@example.org", "ada@", "a b@example.org", "ada@example.org, eve@example.org",
        "ada@example.org\r\nBcc: eve@example.org", "Ada <ada@example.org>", "ada@exämple.org", 7,
        "ada@example.org>", "ada@-", "a" * 65 + "@example.org", "ada@" + "x" * 260,
    ],
)  # fmt: skip
def test_only_one_plain_address_is_taken(to):
    with pytest.raises(InvalidFields) as caught:
        email(25).check({"to": to})

    assert [fault.path for fault in caught.value.faults] == ["to"]


def test_the_address_is_kept():
    assert email(25).check({"to": "ada@example.org"}) == {"to": "ada@example.org"}


def test_operator_is_told_what_to_set():
    assert "channels.email.host" in EmailChannel(World(clock=FakeClock(), guard=Guard())).is_ready
    assert email(25).is_ready == ""


async def test_nothing_is_tried_without_a_mail_server():
    error = await failure(EmailChannel(World(clock=FakeClock(), guard=Guard())))

    assert (error.error, error.is_config, error.transient) == ("config", True, True)


def test_schedule_is_that_of_the_table():
    assert EmailChannel.schedule == (60, 300, 1800, 7200, 21_600, 43_200, 86_400)
    assert CHANNELS["email"] is EmailChannel


def test_lanes_and_limits_do_not_tell_the_address():
    channel = email(25)

    assert "ada" not in channel.lane(phone(), "BTC/USDT")
    assert channel.lane(phone(), "A") == channel.lane(phone(to="ADA@example.org"), "B")
    assert all("ada" not in rate.key for rate in channel.rates(phone()))


async def test_server_slow_to_say_goodbye_has_the_mail_all_the_same(monkeypatch):
    monkeypatch.setattr("crypto_portfolio_analyzer.channels.email._GOODBYE", 0.05)
    leaving = asyncio.Event()

    async def say_nothing(_self, _arg):
        await leaving.wait()

    monkeypatch.setattr(SMTP, "smtp_QUIT", say_nothing)
    postbox = Postbox()
    async with listening(postbox) as port:
        accepted = await email(port).send(message())

    assert accepted.status == 250
