"""The door of assistants: what it shows, and over HTTP whom it lets in."""

import io
import json
from contextlib import asynccontextmanager

import httpx2
import pytest
from mcp.client import Client as Assistants
from mcp.client.streamable_http import streamable_http_client

from crypto_portfolio_analyzer.cli.assistant import Assistant
from crypto_portfolio_analyzer.cli.assistant_door import CONDITIONS, door, own_client, serve
from crypto_portfolio_analyzer.cli.client import Client
from crypto_portfolio_analyzer.cli.failures import Failed
from crypto_portfolio_analyzer.cli.output import Output
from crypto_portfolio_analyzer.settings import load
from crypto_portfolio_analyzer.tasks import Nursery
from tests.api.house import open_house, settings_in, until


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        yield opened


@pytest.fixture
async def address(tmp_path, house):
    """The address of a door over HTTP, beside the server of the house."""
    out = io.StringIO()
    nursery = Nursery()
    await nursery.start()
    output = Output(as_json=True, stdout=out, stderr=io.StringIO())
    nursery.spawn(serve(settings_in(tmp_path), 0, output))

    async def said():
        return out.getvalue()

    yield json.loads(await until(said))["url"]
    await nursery.stop()


@asynccontextmanager
async def entered(address, token):
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers) as http,
        Assistants(streamable_http_client(address, http_client=http)) as client,
    ):
        yield client


async def test_the_language_and_a_prompt_are_there():
    async with Assistants(door(Assistant(lambda: Client("http://127.0.0.1:1")))) as client:
        page = await client.read_resource(CONDITIONS)
        asked = await client.get_prompt("watch_for", {"wish": "BTC falls"})

    assert "crosses above" in str(page.contents[0])
    assert "BTC falls" in str(asked.messages[0].content)


async def test_over_http_everybody_acts_with_their_own_token(address, house):
    alice, bob = await house.login("alice"), await house.login("bob")
    async with entered(address, alice) as client:
        made = await client.call_tool("create_alert", {"symbol": "BTC", "condition": "price > 1"})
    async with entered(address, bob) as client:
        seen = await client.call_tool("list_alerts", {})

    assert made.structured_content["symbol"] == "BTC/USDT"
    assert seen.structured_content["alerts"] == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer nonsense"}, 401),
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
    ],
)
async def test_over_http_nobody_else_enters(address, house, headers, status):
    known = {"Authorization": f"Bearer {await house.login('alice')}"} if status > 401 else {}
    hello = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    accept = {"Accept": "application/json, text/event-stream"}
    async with httpx2.AsyncClient() as client:
        told = await client.post(address, json=hello, headers=known | accept | headers)

    assert told.status_code == status


def test_a_token_of_the_settings_enters_and_else_the_owner_does(tmp_path):
    with pytest.raises(Failed):
        own_client(load({"data_dir": tmp_path}, env={}))
    remote = own_client(load({"mcp.url": "http://127.0.0.1:7", "mcp.token": "mine"}, env={}))

    assert remote.url == "http://127.0.0.1:7"


async def test_the_owner_is_found_by_the_data(tmp_path, house):
    client = own_client(settings_in(tmp_path))

    assert (await client.get("/api/auth/me"))["role"] == "admin"
