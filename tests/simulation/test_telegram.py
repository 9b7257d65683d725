"""The simulated Bot API speaks the wire protocol, keeps updates until they are confirmed, and fails on request."""

import asyncio
import json

import aiohttp
import pytest

from crypto_portfolio_analyzer.errors import PortTaken
from crypto_portfolio_analyzer.simulation.telegram import Mishap, TelegramServer
from crypto_portfolio_analyzer.simulation.telegram_limits import Fouling
from tests.fakes import FakeClock, settle
from tests.simulation.bot import talking


@pytest.fixture
async def client():
    async with talking() as client:
        yield client


@pytest.fixture
def anna(client):
    return client.server.person("Anna")


def numbers(updates):
    return [update["update_id"] for update in updates]


# --- the door -----------------------------------------------------------------------------------------------


async def test_a_wrong_token_is_refused(client):
    assert (await client.ask("getMe", token="5:wrong"))["error_code"] == 401
    assert (await client.ask("getMe", token="nonsense"))["error_code"] == 404
    assert client.server.fouls == {Fouling.WRONG_TOKEN: 2}


async def test_an_unknown_method_is_refused(client):
    assert await client.refusal("sendMoney") == "Not Found: method not found"


async def test_methods_are_written_in_any_case_and_any_body(client, anna):
    url = f"{client.server.url}/bot{client.server.token}/SENDmessage"
    async with client.http.post(url, data={"chat_id": str(anna.id), "text": "form"}) as response:
        assert (await response.json())["result"]["text"] == "form"
    async with client.http.get(url, params={"chat_id": anna.id, "text": "query"}) as response:
        assert (await response.json())["ok"]
    async with client.http.post(url, data="{", headers={"Content-Type": "application/json"}) as response:
        assert response.status == 400


async def test_a_port_that_is_taken_is_said(client):
    with pytest.raises(PortTaken):
        await TelegramServer(port=int(client.server.url.rpartition(":")[2])).start()


# --- polling ------------------------------------------------------------------------------------------------


async def test_updates_come_until_a_higher_offset_confirms_them(client, anna):
    for text in ("/a", "/b", "/c"):
        anna.say(text)

    assert numbers(await client.do("getUpdates")) == [1, 2, 3]
    assert numbers(await client.do("getUpdates", offset=2, limit=1)) == [2]
    assert numbers(await client.do("getUpdates", offset=4)) == []
    assert client.server.pending == 0


async def test_a_poll_waits_for_news(client, anna):
    async with asyncio.TaskGroup() as group:
        poll = group.create_task(client.do("getUpdates", timeout=50))
        await asyncio.wait([poll], timeout=0.05)
        assert not poll.done()
        anna.say("/start")

    assert numbers(poll.result()) == [1]


async def test_a_poll_ends_when_its_time_is_up():
    clock = FakeClock()
    async with talking(clock=clock) as client, asyncio.TaskGroup() as group:
        poll = group.create_task(client.do("getUpdates", timeout=50))
        while not poll.done():
            await clock.advance(25)
            await asyncio.sleep(0.001)
        assert poll.result() == []


async def test_a_second_poller_sends_the_first_one_away(client, anna):
    async with asyncio.TaskGroup() as group:
        first = group.create_task(client.ask("getUpdates", timeout=50))
        await asyncio.wait([first], timeout=0.05)
        second = group.create_task(client.ask("getUpdates", timeout=50))
        assert (await first)["error_code"] == 409
        anna.say("/start")

    assert numbers(second.result()["result"]) == [1]
    assert client.server.fouls == {Fouling.SECOND_POLLER: 1}


async def test_a_poller_that_went_away_is_no_second_one(client, anna):
    with pytest.raises(asyncio.TimeoutError):
        async with asyncio.timeout(0.05):
            await client.do("getUpdates", timeout=50)
    anna.say("/start")

    assert numbers(await client.do("getUpdates", timeout=50)) == [1]
    assert not client.server.fouls


# --- mishaps ------------------------------------------------------------------------------------------------


async def test_a_refusal_is_made_to_order_and_passes(client, anna):
    client.server.script(Mishap.REFUSE, status=429, sentence="Too Many Requests", retry_after=7)
    answer = await client.ask("sendMessage", chat_id=anna.id, text="hi")

    assert (answer["error_code"], answer["parameters"]) == (429, {"retry_after": 7})
    await client.do("sendMessage", chat_id=anna.id, text="hi")
    assert [call.status for call in client.server.calls] == [429, 200]


@pytest.mark.parametrize(("mishap", "sent"), [(Mishap.DROP_BEFORE, 0), (Mishap.DROP_AFTER, 1)])
async def test_a_cut_connection_says_nothing_of_what_was_done(client, anna, mishap, sent):
    client.server.script(mishap, "*")
    with pytest.raises(aiohttp.ClientError):
        await client.do("sendMessage", chat_id=anna.id, text="hi")

    assert len(anna.chat.told) == sent


async def test_a_hanging_server_has_done_what_was_asked(client, anna):
    client.server.script(Mishap.HANG)
    with pytest.raises(asyncio.TimeoutError):
        async with asyncio.timeout(0.05):
            await client.do("sendMessage", chat_id=anna.id, text="hi")

    assert len(anna.chat.told) == 1


async def test_garbage_is_no_json(client, anna):
    client.server.script(Mishap.GARBAGE, times=1)
    with pytest.raises(json.JSONDecodeError):
        await client.do("sendMessage", chat_id=anna.id, text="hi")


async def test_waiting_for_what_never_happens_ends(client):
    with pytest.raises(TimeoutError):
        await client.server.until(lambda: False, within=0.01)
    await settle()
