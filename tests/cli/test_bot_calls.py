"""Trading bots through a real server."""

import json

import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.cli import bot_calls, channel_calls
from crypto_portfolio_analyzer.cli.channel_options import FIELDS
from crypto_portfolio_analyzer.errors import UnknownName
from tests.api.house import open_house
from tests.api.routes.conftest import LOOPBACK
from tests.cli.shelf import Said


@pytest_asyncio.fixture
async def settings(tmp_path):
    """Settings of a server that runs, with one channel that trades."""
    async with open_house(tmp_path, **LOOPBACK) as house:
        options = dict.fromkeys(FIELDS) | {
            "name": "trader",
            "url": "http://127.0.0.1:9/hook",
            "option": ["policy=trade"],
        }
        await channel_calls.added(house.app.settings, "webhook", options, Said(as_json=True).output)
        yield house.app.settings


async def test_channels_that_trade_are_listed(settings):
    said, plain = Said(as_json=True), Said()
    await bot_calls.listed(settings, said.output)
    await bot_calls.listed(settings, plain.output)

    assert [each["name"] for each in json.loads(said.out)["bots"]] == ["trader"]
    assert "trader" in plain.out


async def test_templates_are_listed_and_one_is_shown(settings):
    said, one = Said(as_json=True), Said()
    await bot_calls.templates_listed(settings, None, said.output)
    names = [each["name"] for each in json.loads(said.out)["templates"]]
    await bot_calls.templates_listed(settings, names[0], one.output)
    with pytest.raises(UnknownName):
        await bot_calls.templates_listed(settings, "pigeon", Said().output)

    assert {"hummingbot", "octobot", "traderspost", "cornix"} <= set(names)
    assert len(one.out.splitlines()) > 1


async def test_a_preview_shows_what_would_be_sent(settings):
    said, plain = Said(as_json=True), Said()
    alert = {"symbol": "BTC/USDT", "condition": "price > 60000"}
    await bot_calls.previewed(settings, "trader", alert, said.output)
    await bot_calls.previewed(settings, "trader", alert, plain.output)

    assert json.loads(said.out)["data"]
    assert plain.out
    assert "nothing was sent" in plain.err
