"""The authentication matrix of the WebSocket: every action in every room, for every credential there is."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from crypto_portfolio_analyzer.api.auth import COOKIE
from crypto_portfolio_analyzer.api.identity import Policy, Role
from crypto_portfolio_analyzer.api.live import AREAS, ROOMS
from tests.api.credentials import Headers, Known, bearer, faulty, known
from tests.api.house import House, Socket, open_house

ACTIONS = ("join_room", "subscribe", "leave_room", "unsubscribe", "resume")
SAID = [(action, room) for action in ACTIONS for room in ROOMS]
REMOTE = {"x-forwarded-for": "203.0.113.9"}
module = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house for all tests of this module."""
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened


def admits(who: Known | None, room: str) -> bool:
    """Say what must be, without asking the code that decides it: strangers of this machine see what is public."""
    if who is None:
        return ROOMS[room] is Policy.LOCAL
    levels = {"read", "write", "admin", *(f"{AREAS[room]}:{level}" for level in ("read", "write"))}
    return who.scopes is None or not levels.isdisjoint(who.scopes)


async def refused(socket: Socket, action: str, room: str) -> bool:
    """Say something; tell whether the answer is that one may not."""
    await socket.say(type=action, data={"room": room, "after": 0})
    while True:
        message = await socket.hear()
        if message["type"] == "error":
            return bool(message["data"]["code"] == "unauthorised")
        if message["type"] == "status" and message["data"].get("room") == room:
            return False


async def told(house: House, headers: Headers, query: str = "") -> dict[tuple[str, str], bool]:
    """Connect, do everything there is to do; tell what was refused."""
    found = {}
    for start in range(0, len(SAID), 20):  # more at once is a flood
        async with house.socket(query, **headers) as socket:
            for action, room in SAID[start : start + 20]:
                found[action, room] = await refused(socket, action, room)
    return found


@module
async def test_whoever_is_known_enters_the_rooms_of_the_own_scopes(
    crowded: House, capsys: pytest.CaptureFixture[str]
) -> None:
    people: dict[str, Known | None] = {"nobody": None, **await known(crowded)}
    wrong, cells = [], 0
    for name, who in people.items():
        for (action, room), no in (await told(crowded, {} if who is None else who.headers)).items():
            cells += 1
            if no == admits(who, room):
                wrong.append((name, action, room))

    with capsys.disabled():
        print(f"\nrooms: {cells - len(wrong)}/{cells} right")  # noqa: T201  # the figure
    assert wrong == []
    assert cells == len(people) * len(SAID)


@module
async def test_whatever_proves_nothing_does_not_even_connect(crowded: House) -> None:
    statuses = {}
    shown: dict[str, Any] = {**await faulty(crowded), "nobody from elsewhere": REMOTE}
    for name, headers in shown.items():
        with pytest.raises(InvalidStatus) as caught:
            async with crowded.socket(**headers):
                pass
        statuses[name] = caught.value.response.status_code

    assert set(statuses.values()) == {401}
    assert len(statuses) == 41


@module
@pytest.mark.parametrize("name", ["token", "access_token", "ticket", "authorization"])
async def test_a_token_in_the_query_is_no_credential(crowded: House, name: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with crowded.socket(f"?{name}={crowded.token}", **REMOTE):
            pass

    assert caught.value.response.status_code == 401


@module
async def test_a_cookie_opens_no_room(crowded: House) -> None:
    _, secret = await crowded.app.accounts.open_session("admin", crowded.app.clock.now())
    found = await told(crowded, {"cookie": f"{COOKIE}={secret}"})

    assert [key for key, no in found.items() if no == admits(None, key[1])] == []


@module
async def test_a_ticket_opens_the_rooms_of_whoever_took_it(crowded: House) -> None:
    _, secret = await crowded.app.accounts.tokens.create(
        "admin", "narrow", ["market:read"], crowded.app.clock.now()
    )
    async with crowded.client(**bearer(secret)) as client:
        ticket = (await client.post("/api/auth/ws-ticket")).json()["ticket"]
    async with crowded.socket(f"?ticket={ticket}") as socket:
        found = {room: await refused(socket, "join_room", room) for room in ROOMS}

    assert {room for room, no in found.items() if not no} == {
        room for room, area in AREAS.items() if area == "market"
    }


@module
@pytest.mark.parametrize("how", ["logout", "revoke", "disable", "demote", "elsewhere"])
async def test_rights_that_end_close_sockets_and_void_tickets(crowded: House, how: str) -> None:
    name, accounts = f"{how}-me", crowded.app.accounts
    token = await crowded.login(name)
    made, secret = await accounts.tokens.create(name, "t", ["read"], crowded.app.clock.now())
    shown = bearer(secret if how == "revoke" else token)
    async with crowded.client(**shown) as client, crowded.owner() as owner:
        ticket = (await client.post("/api/auth/ws-ticket")).json()["ticket"]
        async with crowded.socket(**shown) as socket:
            await socket.hear_of("status")
            if how == "logout":
                await client.post("/api/auth/logout")
            elif how == "revoke":
                async with crowded.client(**bearer(token)) as person:
                    await person.delete(f"/api/auth/tokens/{made.id}")
            elif how == "disable":
                await owner.patch(f"/api/users/{name}", json={"disabled": True})
            elif how == "demote":
                await owner.patch(f"/api/users/{name}", json={"role": Role.READER})
            else:  # as a command line does, in the database alone
                await accounts.disable_user(name, crowded.app.clock.now())
            async with asyncio.timeout(10):
                await socket.connection.wait_closed()
            code = socket.connection.close_code
    with pytest.raises(InvalidStatus) as caught:
        async with crowded.socket(f"?ticket={ticket}"):
            pass

    assert code == 1008
    assert caught.value.response.status_code == 401
