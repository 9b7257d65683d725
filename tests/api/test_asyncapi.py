"""The description of `/ws`: everything that can be said and heard is in it, and live frames are as it says."""

import inspect
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from crypto_portfolio_analyzer.api import alert_room, asyncapi, dialogue
from crypto_portfolio_analyzer.api.asyncapi import CODES, HEARD, TOLD, describe
from crypto_portfolio_analyzer.api.live import ROOMS
from tests.api.house import House, Socket, until

DOCUMENT = describe("tested")
SAID: list[dict[str, Any]] = [
    {"type": "join_room", "room": "prices"},
    {"type": "subscribe", "data": {"room": "prices", "symbols": ["BTC"], "batch": True, "max_hz": 5.0}},
    {"type": "subscribe", "data": {"room": "prices", "snapshot": False}},
    {"type": "unsubscribe", "data": {"room": "prices", "symbols": ["BTC"]}},
    {"type": "leave_room", "room": "prices"},
    {"type": "join_room", "room": "portfolio"},
    {"type": "join_room", "room": "system"},
    {"type": "join_room", "room": "tokens"},
    {"type": "resume", "room": "alerts", "after": 0},
    {"type": "ping"},
]


def faults(name: str, frame: dict[str, Any]) -> list[str]:
    """Return what is wrong with a message of a kind."""
    schema = {**DOCUMENT["components"]["messages"][name]["payload"], "components": DOCUMENT["components"]}
    return [
        f"{each.json_path}: {each.message[:200]}" for each in Draft202012Validator(schema).iter_errors(frame)
    ]


async def test_it_is_served_to_everybody(house: House) -> None:
    async with house.client() as client:
        answer = await client.get("/asyncapi.json")

    assert answer.status_code == 200
    assert answer.json() == describe(house.server.doors.version)
    assert answer.json()["asyncapi"] == "3.0.0"


def test_every_reference_leads_somewhere() -> None:
    for reference in re.findall(r"'\$ref': '#/([^']+)'", str(DOCUMENT)):
        found: Any = DOCUMENT
        for part in reference.split("/"):
            found = found[part]
        assert found


def test_every_room_message_and_error_is_in_it() -> None:
    source = inspect.getsource(dialogue) + inspect.getsource(alert_room)
    heard = set(re.findall(r'^            "(\w+)": self\._', source, re.MULTILINE))
    codes = set(re.findall(r'(?:Refused\(\s*|"code": )"(\w+)"', source))

    assert heard == set(HEARD)
    assert codes == set(CODES)
    assert set(DOCUMENT["components"]["messages"]) == {*HEARD, *TOLD}
    assert all(f"`{room}`" in DOCUMENT["channels"]["live"]["description"] for room in ROOMS)


@pytest.mark.parametrize("said", SAID, ids=str)
def test_what_clients_say_is_as_it_says(said: dict[str, Any]) -> None:
    assert faults(said["type"], said) == []


async def test_live_frames_are_as_it_says(house: House) -> None:
    house.ticker("BTC/USDT", 60_000.0, open_24h=59_000.0)
    alert = {"name": "up", "symbol": "BTC/USDT", "condition": "price crosses above 65000"}
    async with house.owner() as client, house.owner_socket() as socket:
        await client.put("/api/portfolio/holdings/BTC", json={"quantity": "2"})
        await client.post("/api/alerts", json=alert)
        heard = await conversation(house, socket)
    wrong = {str(frame): found for frame in heard if (found := faults(frame["type"], frame))}

    assert wrong == {}
    silent = {"token_update", "prediction"}
    assert {frame["type"] for frame in heard} == set(TOLD) - silent


async def conversation(house: House, socket: Socket) -> list[dict[str, Any]]:
    """Say everything there is to say, also what is wrong; return what comes until everything was heard."""
    for said in SAID:
        await socket.say(**said)
    for wrong in ({"type": "shout"}, {"type": "join_room"}, {"type": "resume", "room": "prices"}):
        await socket.say(**wrong)
    await socket.say(type="join_room", room="prices")
    await socket.say(type="subscribe", data={"room": "prices", "symbols": ["BTC"], "batch": True})
    house.tick("BTC/USDT", 64_000.0)
    house.tick("BTC/USDT", 65_001.0)
    heard: list[dict[str, Any]] = []
    wanted = {"price_update", "batch", "portfolio_update", "alert", "status", "heartbeat", "error"}

    async def all_heard() -> bool:
        heard.append(await socket.hear())
        is_system_told = any(each["data"] and "feeds" in each["data"] for each in heard)
        return wanted <= {each["type"] for each in heard} and is_system_told

    await until(all_heard)
    return heard


def test_the_document_is_not_empty_talk() -> None:
    assert faults("price_update", {"type": "price_update", "data": {}, "timestamp": "x"})
    assert faults("error", {"type": "error", "data": {"code": "nonsense", "message": ""}, "timestamp": "x"})
    assert asyncapi.describe("2")["info"]["version"] == "2"
