"""Firings over lines that break: none is lost, none comes twice, and their order stays."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.api.cutting import CuttingLine
from tests.api.house import House, open_house, until
from tests.api.routes.test_alerts import make
from tests.api.routes.test_firings_live import OFTEN, cross

CUTS = [pytest.param(20, id="20"), pytest.param(200, id="200", marks=pytest.mark.long)]
SHORT_PAUSE = 0.01


class Follower:
    """A client as a careful one is written: it comes back and resumes after the last number it has seen."""

    def __init__(self, line: CuttingLine, token: str) -> None:
        self._line, self._headers = line, {"authorization": f"Bearer {token}"}
        self.seqs: list[int] = []
        self.ids: list[str] = []
        self.gaps: list[int] = []

    @property
    def last(self) -> int:
        return self.seqs[-1] if self.seqs else 0

    async def follow(self) -> None:
        while True:
            with suppress(WebSocketException, OSError, EOFError, TimeoutError):
                await self._listen()
            await asyncio.sleep(SHORT_PAUSE)

    async def _listen(self) -> None:
        address = f"ws://127.0.0.1:{self._line.target}/ws"
        line = {"host": "127.0.0.1", "port": self._line.port}
        async with connect(address, additional_headers=self._headers, compression=None, **line) as socket:  # type: ignore[arg-type]
            await socket.send(json.dumps({"type": "resume", "room": "alerts", "after": self.last}))
            async for text in socket:
                self._hear(json.loads(text))

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "alert":
            self.seqs.append(message["seq"])
            self.ids.append(message["data"]["id"])
        elif message["data"].get("gap"):
            self.gaps.append(self.last)


async def firing_until(house: House, over: Callable[[], bool]) -> int:
    """Let an alert fire again and again; return how often."""
    times = 0
    while not over():
        cross(house)
        times += 1
        await asyncio.sleep(SHORT_PAUSE)
    return times


async def stored(client: httpx2.AsyncClient) -> list[str]:
    """Return the ids of all firings, oldest first."""
    found: list[dict[str, Any]] = []
    query: dict[str, str] = {"limit": "200"}
    while True:
        page = (await client.get("/api/firings", params=query)).json()
        found += page["firings"]
        if page["next_cursor"] is None:
            return [each["id"] for each in reversed(found)]
        query["cursor"] = page["next_cursor"]


async def caught_up(client: httpx2.AsyncClient, follower: Follower, count: int) -> list[str]:
    """Wait until `count` firings are stored and the follower has heard as many; return the ids of these."""

    async def is_so() -> list[str]:
        told = await stored(client)
        return told if len(told) >= count and len(follower.ids) >= len(told) else []

    return await until(is_so)


@pytest.mark.parametrize("cuts", CUTS)
async def test_a_line_cut_in_the_middle_of_frames_loses_nothing(tmp_path: Path, cuts: int) -> None:
    async with open_house(tmp_path) as house, CuttingLine(seed=cuts) as line, house.owner() as client:
        line.target = house.server.port
        follower = Follower(line, house.token)
        await make(client, **OFTEN)
        async with asyncio.TaskGroup() as group:
            following = group.create_task(follower.follow())
            times = await firing_until(house, lambda: line.cuts >= cuts)
            line.cutting = False
            told = await caught_up(client, follower, times)
            following.cancel()

    assert line.cuts >= cuts
    assert len(told) == times
    assert follower.ids == told
    assert follower.seqs == list(range(1, len(told) + 1))
    assert follower.gaps == []


async def test_a_server_that_starts_again_goes_on_where_it_was(tmp_path: Path) -> None:
    told: list[str] = []
    async with CuttingLine(seed=1) as line, asyncio.TaskGroup() as group:
        async with open_house(tmp_path) as house, await house.member("anna") as anna:
            line.target, token = house.server.port, await house.login("anna")
            follower = Follower(line, token)
            following = group.create_task(follower.follow())
            await make(anna, **OFTEN)
            times = await firing_until(house, lambda: follower.last >= 10)
        async with open_house(tmp_path) as house, await house.member("anna") as anna:
            line.target = house.server.port
            again = follower.last + 10
            times += await firing_until(house, lambda: follower.last >= again)
            line.cutting = False
            told = await caught_up(anna, follower, times)
        following.cancel()

    assert len(told) == times

    assert follower.ids == told
    assert follower.seqs == list(range(1, len(told) + 1))
    assert follower.gaps == []


async def test_after_a_gap_the_rest_is_asked_for_by_http(house: House) -> None:
    async with house.owner() as client, house.owner_socket() as socket:
        await make(client, **OFTEN)
        cross(house, 3)
        told = await until(lambda: _when(client, 3))
        await socket.say(type="resume", room="alerts", after=1000)
        while "gap" not in (status := (await socket.hear_of("status"))["data"]):
            continue
        since = {"since": "2020-01-01T00:00:00Z"}
        asked = (await client.get("/api/firings", params=since)).json()["firings"]

    assert status == {"room": "alerts", "resumed_to": 3, "gap": True}
    assert sorted(each["id"] for each in asked) == sorted(told)


async def _when(client: httpx2.AsyncClient, count: int) -> list[str]:
    """Return the stored ids once there are so many."""
    found = await stored(client)
    return found if len(found) >= count else []
