"""The simulated freqtrade refuses and counts what the real one would suffer from."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import pytest

from crypto_portfolio_analyzer.simulation.freqtrade import ACCESS_LIFE, FreqtradeServer
from tests.fakes import FakeClock


class Client:
    """Talks to the server as curl would."""

    def __init__(self, server, session):
        self._server, self._session, self.token = server, session, ""

    async def login(self, password=None):
        auth = aiohttp.encode_basic_auth(self._server.username, password or self._server.password)
        async with self._session.post(
            f"{self._server.url}/api/v1/token/login", headers={"Authorization": auth}
        ) as response:
            self.token = (await response.json()).get("access_token", "")
            return response.status

    async def call(self, method, path, **document):
        async with self._session.request(
            method,
            f"{self._server.url}/api/v1{path}",
            json=document or None,
            headers={"Authorization": f"Bearer {self.token}"},
        ) as response:
            return response.status, await response.json()


@asynccontextmanager
async def talking(**options):
    async with FreqtradeServer(**options) as server, aiohttp.ClientSession() as session:
        client = Client(server, session)
        await client.login()
        yield server, client


async def test_a_trade_is_opened_told_and_closed():
    async with talking() as (server, client):
        status, trade = await client.call(
            "POST", "/forceenter", pair="BTC/USDT", side="long", entry_tag="ca-1"
        )
        assert (status, trade["trade_id"], trade["enter_tag"]) == (200, 1, "ca-1")
        assert [each["pair"] for each in (await client.call("GET", "/status"))[1]] == ["BTC/USDT"]
        assert (await client.call("POST", "/forceexit", tradeid="1"))[0] == 200
        assert (await client.call("GET", "/status"))[1] == []
        assert not server.violations


async def test_who_does_not_log_in_gets_nothing():
    async with talking() as (server, client):
        assert await client.login("wrong") == 401
        assert (await client.call("GET", "/status"))[0] == 401
        assert (server.violations["bad_login"], server.violations["no_token"]) == (1, 1)


async def test_a_token_runs_out():
    clock = FakeClock()
    async with talking(clock=clock) as (server, client):
        await clock.advance(ACCESS_LIFE - 1)
        assert (await client.call("GET", "/status"))[0] == 200
        await clock.advance(2)
        assert (await client.call("GET", "/status"))[0] == 401
        assert server.violations["expired_token"] == 1


async def test_parallel_entries_are_counted():
    async with talking(placing=0.05) as (server, client):
        pairs = ("BTC/USDT", "ETH/USDT")
        await asyncio.gather(*(client.call("POST", "/forceenter", pair=pair, side="long") for pair in pairs))

        assert server.violations["parallel_entry"] == 1


async def test_an_entry_while_entries_are_off_is_counted():
    async with talking() as (server, client):
        server.force_entry_enable = False
        status, told = await client.call("POST", "/forceenter", pair="BTC/USDT", side="long")

        assert (status, "not enabled" in told["error"]) == (502, True)
        assert server.violations["not_enabled"] == 1


@pytest.mark.parametrize(
    "document", [{"pair": "BTC/USDT"}, {"pair": "BTC/USDT", "side": "long", "colour": "red"}]
)
async def test_a_body_of_another_shape_is_counted(document):
    async with talking() as (server, client):
        assert (await client.call("POST", "/forceenter", **document))[0] == 422
        assert server.violations["bad_body"] == 1


async def test_the_same_order_twice_is_counted():
    async with talking() as (server, client):
        for pair in ("BTC/USDT", "ETH/USDT"):
            await client.call("POST", "/forceenter", pair=pair, side="long", entry_tag="ca-1")

        assert server.violations["repeated_tag"] == 1
