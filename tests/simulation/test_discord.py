"""The simulated Discord: it takes what Discord takes, and punishes what Discord punishes."""

import json

import aiohttp
import pytest

from crypto_portfolio_analyzer.simulation import discord
from crypto_portfolio_analyzer.simulation.discord import DiscordReceiver, active
from tests.fakes import FakeClock

QUIET: dict[str, object] = {"allowed_mentions": {"parse": []}}


@pytest.fixture
async def server():
    async with DiscordReceiver(clock=FakeClock(), limit=3, window=2.0) as receiver:
        yield receiver


async def post(url, **document):
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}?wait=true", json=document) as response,
    ):
        return response.status, json.loads(await response.read() or b"null"), response.headers


async def test_a_message_gets_an_id_and_the_allowance_is_told(server):
    status, message, headers = await post(server.hook_url, content="hello", **QUIET)

    assert status == 200
    assert server.messages[message["id"]].content == "hello"
    assert (headers["X-RateLimit-Remaining"], headers["X-RateLimit-Reset-After"]) == ("2", "2.000")


async def test_too_much_is_refused_until_the_window_ends(server):
    answers = [await post(server.hook_url, content="x", **QUIET) for _ in range(4)]

    assert [status for status, *_ in answers] == [200, 200, 200, 429]
    assert answers[3][1]["retry_after"] == pytest.approx(2.0)
    assert server.violations == {"rate": 1}
    await server.clock.advance(2.0)
    assert (await post(server.hook_url, content="x", **QUIET))[0] == 200


@pytest.mark.parametrize(
    "document", [{}, {"content": ""}, {"content": "x" * 2001}, {"content": "\U0001d54f" * 1001}]
)
async def test_what_is_empty_or_too_long_is_refused(server, document):
    assert (await post(server.hook_url, **document, **QUIET))[0] == 400


async def test_mentions_and_markup_are_noticed(server):
    await post(server.hook_url, content="@everyone **x**")

    assert server.violations == {"mentions": 1, "markup": 1}


async def test_strangers_and_deleted_webhooks_are_turned_away(server):
    assert (await post(server.hook_url + "x", content="x", **QUIET))[0] == 401
    assert (await post(f"{server.url}/api/webhooks/7/x", content="x", **QUIET))[0] == 404
    server.gone = True
    assert (await post(server.hook_url, content="x", **QUIET))[0] == 404


async def test_pests_are_banned(server, monkeypatch):
    monkeypatch.setattr(discord, "BAN_AFTER", 3)
    for _ in range(3):
        await post(server.hook_url + "x", content="x", **QUIET)
    async with (
        aiohttp.ClientSession() as session,
        session.post(server.hook_url, json={"content": "x"}) as response,
    ):
        assert (response.status, response.headers["Retry-After"]) == (429, "3600")
    await server.clock.advance(discord.BAN_WINDOW + 1)
    assert (await post(server.hook_url, content="x", **QUIET))[0] == 200


async def edit(server, number, picture, **payload):
    form = aiohttp.FormData()
    form.add_field("payload_json", json.dumps(payload), content_type="application/json")
    form.add_field("files[0]", picture, filename="a.png", content_type="image/png")
    url = f"{server.hook_url}/messages/{number}"
    async with aiohttp.ClientSession() as session, session.patch(url, data=form) as response:
        return response.status


async def test_a_picture_is_edited_into_a_message_that_exists(server):
    number = (await post(server.hook_url, content="x", **QUIET))[1]["id"]

    assert await edit(server, number, b"\x89PNG\r\n\x1a\n...", **QUIET) == 200
    assert server.messages[number].picture.endswith(b"...")
    assert await edit(server, number, b"GIF89a", **QUIET) == 400
    assert await edit(server, "7", b"\x89PNG\r\n\x1a\n", **QUIET) == 404
    assert server.violations == {"picture": 1}


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("**bold headline**\nplain text, 1.5 and 50%\n<https://me.example/a>", []),
        (r"\*not\* \[a\]\(link\) \<@1\>", []),
        ("**head**\n**second** line", ["*", "*", "*", "*"]),
        ("a <@1> b", ["<", ">"]),
        ("see https://evil.example", ["https://"]),
        ("x @here", ["@here"]),
    ],
)
def test_active_markup_is_found(content, found):
    assert [each for each in active(content) if each not in found] == []
    assert bool(active(content)) == bool(found)
