"""SMS: two segments at most, through either protocol, and only to phones whose owner said yes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto_portfolio_analyzer.channels.kinds import SmsAccount
from crypto_portfolio_analyzer.channels.sms import SEPTETS, UNITS, SmsChannel, segments
from crypto_portfolio_analyzer.channels.texts import utf16_units
from crypto_portfolio_analyzer.errors import DeliveryFailed, InvalidFields
from crypto_portfolio_analyzer.simulation.gateways import SmsReceiver, Text
from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from tests.channels.sending import HOSTILE, channel, message, world

PHONE, SENDER = "+4915112345678", "+15005550006"
PROTOCOLS = ("twilio", "plain")


class Gateway:
    """A gateway and the type, joined by one of the protocols."""

    def __init__(self, protocol, **changes):
        self.receiver, self.protocol, self.changes = SmsReceiver(), protocol, changes

    async def __aenter__(self):
        await self.receiver.start()
        url = self.receiver.url if self.protocol == "twilio" else self.receiver.plain_url
        sid = self.receiver.account_sid if self.protocol == "twilio" else ""
        account = {
            "api_url": url,
            "account_sid": sid,
            "auth_token": self.receiver.auth_token,
            "sender": SENDER,
        }
        self.kind = SmsChannel(world(sms=SmsAccount(**account | self.changes)))
        return self

    async def __aexit__(self, *_error):
        await self.kind.stop()
        await self.receiver.stop()

    async def send(self, to=PHONE, **changes):
        return await self.kind.send(message("sms", self.kind.check({"to": to}), **changes))

    async def failure(self, **changes):
        with pytest.raises(DeliveryFailed) as caught:
            await self.send(**changes)
        assert self.receiver.auth_token not in repr(caught.value)
        return caught.value


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_text_is_handed_to_the_gateway(protocol):
    async with Gateway(protocol) as gateway:
        accepted = await gateway.send(headline="BTC/USDT ▲ 65,012", note="mine", url="https://me.example/a")

        assert gateway.receiver.texts == [Text(PHONE, SENDER, "BTC/USDT up 65,012 mine https://me.example/a")]
        assert accepted.reference.startswith("SM" if protocol == "twilio" else "")
        assert gateway.receiver.violations == {}


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_hostile_texts_fit_and_are_one_line(protocol, text):
    async with Gateway(protocol) as gateway:
        await gateway.send(headline=text, note=text)
        await gateway.send(body=text)

        assert gateway.receiver.violations == {}
        assert len(gateway.receiver.texts) == 2
        assert all("\n" not in each.text and each.to == PHONE for each in gateway.receiver.texts)


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_a_wrong_token_is_the_operators_to_put_right(protocol):
    async with Gateway(protocol, auth_token="wrong") as gateway:
        failed = await gateway.failure()

        assert (failed.status, failed.is_config, failed.transient) == (401, True, True)
        assert gateway.receiver.texts == []


async def test_a_number_that_wants_no_more_is_not_asked_again():
    async with Gateway("twilio") as gateway:
        gateway.receiver.stopped.add(PHONE)
        failed = await gateway.failure()

        assert (failed.status, failed.disables, failed.is_config) == (400, True, True)
        assert "no more messages" in str(failed)


@pytest.mark.parametrize("status", [429, 500])
async def test_other_answers_go_by_the_table(status):
    async with Gateway("twilio") as gateway:
        gateway.receiver.always = Misbehaviour(Bad.STATUS, status, {"Retry-After": "9"})
        failed = await gateway.failure()

        assert (failed.status, failed.retry_after, failed.transient) == (status, 9.0, True)


async def test_a_messaging_service_may_be_the_sender():
    async with Gateway("twilio", sender="MG" + "1" * 32) as gateway:
        await gateway.send()

        assert b"MessagingServiceSid=MG1" in gateway.receiver.received[0].body


@pytest.mark.parametrize(("language", "words"), [("en", "is your code"), ("de", "ist dein Code")])
async def test_a_phone_is_proved_by_a_code(language, words):
    async with Gateway("twilio") as gateway:
        options = {**gateway.kind.check({"to": PHONE}), "language": language}

        assert gateway.kind.needs_proof(options)
        assert await gateway.kind.prove(channel("sms", options), "481516") is False
        assert gateway.receiver.texts[0].text.startswith(f"481516 {words}")


async def test_without_a_gateway_it_says_what_to_set():
    kind = SmsChannel(world())
    with pytest.raises(DeliveryFailed, match="no SMS gateway"):
        await kind.send(message("sms", {"to": PHONE}))

    assert "sms.api_url" in kind.is_ready
    assert SmsChannel(world(sms=SmsAccount(api_url="https://gateway.example"))).is_ready == ""


@pytest.mark.parametrize(
    "to",
    ["", None, "0151 1234", "+0151234567", "+49", "+49abc", 4915112345678, "+4915112345678\n", "+\u0661" * 8],
)
def test_a_number_is_given_with_its_country(to):
    with pytest.raises(InvalidFields) as caught:
        SmsChannel(world()).check({"to": to})

    assert all(each.problem and each.remedy for each in caught.value.faults)


def test_blanks_and_dashes_are_taken_out_of_a_number():
    kind = SmsChannel(world())

    assert kind.check({"to": "+49 (151) 123-456.78"})["to"] == PHONE
    assert PHONE not in kind.lane(channel("sms", {"to": PHONE}), "BTC/USDT")
    assert all(PHONE not in rate.key for rate in kind.rates(channel("sms", {"to": PHONE})))


def test_plain_texts_have_306_septets_and_others_134_units():
    assert segments("a" * 306) == "a" * 306
    assert segments("a" * 307) == "a" * 303 + "..."
    assert segments("€" * 200) == "€" * 151 + "..."
    assert segments("я" * 134) == "я" * 134
    assert segments("я" * 200) == "я" * 131 + "..."


def test_a_link_is_never_cut():
    link = "https://me.example/" + "a" * 60

    assert segments("b" * 400, link).endswith(f"... {link}")
    assert segments("b" * 400, "https://me.example/" + "a" * 400).endswith("b...")


@given(st.text(max_size=400), st.sampled_from(["", "https://me.example/alerts/1"]))
def test_any_text_fits_into_two_segments(text, link):
    cut = segments(text, link)

    assert utf16_units(cut) <= (SEPTETS if cut.isascii() else max(UNITS, SEPTETS))
    assert "\n" not in cut
