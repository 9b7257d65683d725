"""The tools of assistants, asked through the SDK's own client of a real server."""

import pytest
from mcp.client import Client as Assistants

from crypto_portfolio_analyzer.api.identity import Role
from crypto_portfolio_analyzer.cli.assistant import Assistant
from crypto_portfolio_analyzer.cli.assistant_door import door
from crypto_portfolio_analyzer.cli.client import Client
from tests.api.house import open_house, until

LOOKING = {
    "search_symbols",
    "price",
    "bars",
    "validate_condition",
    "backtest_condition",
    "list_alerts",
    "explain_alert",
    "list_firings",
    "portfolio",
}
ABOVE = {"symbol": "BTC", "condition": "price > 60000"}


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        opened.lists("BTC/USDT", 0.01)
        yield opened


def entered(url, token=None):
    """Return an assistant's client that has a token."""
    return Assistants(door(Assistant(lambda: Client(url, token))))


def said(told):
    """Return the text of an answer."""
    return told.content[0].text


@pytest.fixture
def asks(house):
    """Call tools as the machine's owner; what they say, or the text of the error."""
    assistant = Assistant(lambda: Client(house.url, house.token))

    async def call(tool, **arguments):
        async with Assistants(door(assistant)) as client:
            told = await client.call_tool(tool, arguments)
        return said(told) if told.is_error else told.structured_content

    return call


async def test_every_tool_says_what_it_does_and_whether_it_changes_anything():
    async with entered("http://127.0.0.1:1") as client:
        tools = {each.name: each for each in (await client.list_tools()).tools}

    assert set(tools) - LOOKING == {"create_alert", "pause_alert", "resume_alert", "delete_alert"}
    assert {name for name, each in tools.items() if each.annotations.read_only_hint} == LOOKING
    assert {name for name, each in tools.items() if each.annotations.destructive_hint} == {"delete_alert"}
    for each in tools.values():
        assert len(each.description) > 40, each.name
        assert each.output_schema, each.name


async def test_symbols_are_found_and_prices_read(asks, house):
    house.tick("BTC/USDT", 61_000.5)

    found = await asks("search_symbols", text="btc")
    price = await asks("price", symbol="BTC/USDT")
    bars = await asks("bars", symbol="BTC", timeframe="1m")

    assert [each["symbol"] for each in found["symbols"]] == ["BTC/USDT"]
    assert (price["price"], price["market"], price["stale"]) == ("61000.5", "BTC/USDT", False)
    assert bars["bars"][-1]["close"] == "61000.5"


async def test_a_condition_is_explained_or_its_faults_are(asks):
    good = await asks("validate_condition", condition="price crosses above 65000")
    bad = await asks("validate_condition", condition="price crosses abov 65000")

    assert good["valid"]
    assert "65,000" in good["sentence"]["en"] or "65000" in good["sentence"]["en"]
    assert not bad["valid"]
    assert "abov" in bad["errors"][0]["problem"]


async def test_an_alert_lives_from_creation_to_deletion(asks, house):
    made = await asks("create_alert", **ABOVE, trigger="every_time")
    house.tick("BTC/USDT", 61_000.0)

    async def fired():
        return (await asks("list_firings", alert=made["name"]))["firings"]

    [firing] = await until(fired)
    explained = await asks("explain_alert", alert=made["id"])
    paused = await asks("pause_alert", alert=made["id"])
    resumed = await asks("resume_alert", alert=made["id"])
    await asks("delete_alert", alert=made["id"])

    assert made["source"] == "gpt"
    assert firing["alert_id"] == made["id"]
    assert explained["explanations"][0]["symbol"] == "BTC/USDT"
    assert (paused["enabled"], resumed["enabled"]) == (False, True)
    assert (await asks("list_alerts"))["alerts"] == []


async def test_the_same_creation_again_creates_nothing_and_after_a_deletion_it_does(asks):
    first = await asks("create_alert", **ABOVE)
    again = await asks("create_alert", **ABOVE)
    await asks("delete_alert", alert=first["id"])
    anew = await asks("create_alert", **ABOVE)

    assert again["id"] == first["id"]
    assert anew["id"] != first["id"]
    assert len((await asks("list_alerts", symbol="BTC"))["alerts"]) == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("explain_alert", {"alert": "../../users"}, "What to do:"),
        ("pause_alert", {"alert": "nobody's"}, "nobody's"),
        ("create_alert", {"symbol": "BTC", "condition": "price >"}, "condition:"),
        ("create_alert", {"symbol": "BTC", "condition": "price > 1", "channels": ["gone"]}, "channels"),
        ("list_alerts", {"limit": 0}, "greater than or equal to 1"),
        ("price", {}, "symbol"),
    ],
)
async def test_what_cannot_be_done_is_told_with_a_remedy(asks, tool, arguments, words):
    assert words in await asks(tool, **arguments)


async def test_holdings_are_worth_what_the_market_says(asks, house):
    async with house.owner() as owner:
        await owner.put("/api/portfolio/holdings/BTC", json={"quantity": "2"})
    house.tick("BTC/USDT", 60_000.0)

    async def valued():
        told = await asks("portfolio")
        return told if told["complete"] else None

    told = await until(valued)
    assert told["holdings"][0]["quantity"] == "2"
    assert float(told["total_value"]) == 120_000


async def test_a_tool_has_the_rights_of_its_token_and_no_more(house):
    token = await house.login("looker", Role.READER)
    async with entered(house.url, token) as client:
        seen = await client.call_tool("list_alerts", {})
        refused = await client.call_tool("create_alert", ABOVE)
    async with entered(house.url, "stolen") as client:
        unknown = await client.call_tool("list_alerts", {})

    assert seen.structured_content["alerts"] == []
    assert refused.is_error
    assert unknown.is_error
    assert "stolen" not in said(unknown)


async def test_an_owner_sees_only_what_is_theirs(asks, house):
    made = await asks("create_alert", **ABOVE)
    token = await house.login("other", Role.TRADER)

    async with entered(house.url, token) as client:
        told = await client.call_tool("explain_alert", {"alert": made["id"]})

    assert told.is_error


async def test_no_server_is_told_with_what_to_do():
    async with entered("http://127.0.0.1:1") as client:
        told = await client.call_tool("list_alerts", {})

    assert "crypto-analyzer start" in said(told)
