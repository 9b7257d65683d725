"""`mcp`: a real assistant's client, real pipes, a real server."""

import os
import sys
from contextlib import asynccontextmanager

from mcp.client import Client as Assistants
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.api.house import open_house
from tests.cli.commands.conftest import PROGRAM


@asynccontextmanager
async def program(*arguments, **environment):
    """Run `mcp` as an assistant would."""
    command = [*PROGRAM[1:], *arguments]
    started = StdioServerParameters(command=sys.executable, args=command, env={**os.environ, **environment})
    async with Assistants(stdio_client(started)) as client:
        yield client


async def test_it_enters_as_the_owner_and_survives_a_restart_of_the_server(tmp_path):
    data = {"CRYPTO_ANALYZER_DATA_DIR": str(tmp_path)}
    async with program("mcp", **data) as client:
        absent = await client.call_tool("list_alerts", {})
        async with open_house(tmp_path):
            made = await client.call_tool("create_alert", {"symbol": "BTC", "condition": "price > 1"})
        async with open_house(tmp_path):
            seen = await client.call_tool("list_alerts", {})

    assert "no server is running" in absent.content[0].text
    assert [each["id"] for each in seen.structured_content["alerts"]] == [made.structured_content["id"]]


async def test_it_enters_with_a_token_from_a_file_or_the_environment(tmp_path):
    async with open_house(tmp_path / "house") as house:
        token = tmp_path / "token.txt"
        token.write_text(await house.login("alice") + "\n")
        async with program("mcp", "--url", house.url, "--token-file", str(token)) as client:
            mine = await client.call_tool("create_alert", {"symbol": "BTC", "condition": "price > 1"})
        async with program(
            "mcp", CRYPTO_ANALYZER_MCP__URL=house.url, CRYPTO_ANALYZER_MCP__TOKEN_FILE=str(token)
        ) as client:
            seen = await client.call_tool("explain_alert", {"alert": mine.structured_content["id"]})
        async with house.owner() as owner:
            others = (await owner.get("/api/alerts")).json()["alerts"]

    assert not seen.is_error
    assert others == []


def test_it_listens_on_loopback_only(cli):
    told = cli("mcp", "--help")

    assert "--host" not in told.out
    assert "Listen on loopback" in told.out
