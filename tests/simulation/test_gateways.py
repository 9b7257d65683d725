"""The simulated gateways: tokens are checked, numbers too, and what was published can be read."""

import aiohttp
import pytest

from crypto_portfolio_analyzer.simulation.gateways import NtfyReceiver, SmsReceiver, Text

GOOD = {"To": "+4915112345678", "From": "+15005550006", "Body": "hello"}


@pytest.fixture
async def sms():
    async with SmsReceiver() as receiver:
        yield receiver


async def twilio(sms, token="", **form):
    headers = {"Authorization": aiohttp.encode_basic_auth(sms.account_sid, token or sms.auth_token)}
    url = f"{sms.url}/2010-04-01/Accounts/{sms.account_sid}/Messages.json"
    async with aiohttp.ClientSession() as session, session.post(url, data=form, headers=headers) as response:
        return response.status, await response.json()


async def test_twilios_protocol(sms):
    status, answer = await twilio(sms, **GOOD)

    assert (status, answer["sid"][:2], answer["error_code"]) == (201, "SM", None)
    assert sms.texts == [Text(*GOOD.values())]


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"token": "wrong"}, 401, 20003),
        ({"To": "0151"}, 400, 21211),
        ({"Body": ""}, 400, 21617),
        ({"Body": "x" * 1601}, 400, 21617),
    ],
)
async def test_what_twilio_refuses(sms, changes, status, code):
    got, answer = await twilio(sms, **{**GOOD, **changes})

    assert (got, answer["code"]) == (status, code)
    assert sms.texts == []


async def test_who_wants_no_more_is_left_alone(sms):
    sms.stopped.add(GOOD["To"])

    assert (await twilio(sms, **GOOD))[1]["code"] == 21610


@pytest.mark.parametrize(("token", "status"), [("", 200), ("wrong", 401)])
async def test_the_plain_gateway(sms, token, status):
    headers = {"Authorization": f"Bearer {token or sms.auth_token}"}
    document = {"to": "+1", "from": "+2", "text": "hello"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(sms.plain_url, json=document, headers=headers) as got,
    ):
        assert got.status == status

    assert sms.texts == ([Text("+1", "+2", "hello")] if status == 200 else [])


async def test_other_places_do_not_exist(sms):
    async with aiohttp.ClientSession() as session, session.post(f"{sms.url}/elsewhere") as got:
        assert got.status == 404


async def test_a_topic_is_published_to_as_json_or_by_its_path():
    async with NtfyReceiver() as ntfy, aiohttp.ClientSession() as session:
        await session.post(ntfy.url, json={"topic": "a", "message": "one", "title": "t"})
        await session.post(f"{ntfy.url}/b", data="two")

        assert ntfy.topics == {"a": 1, "b": 1}
        assert [each["message"] for each in ntfy.published] == ["one", "two"]
        assert ntfy.topic_url("a") == f"ntfy://127.0.0.1:{ntfy.port}/a"
