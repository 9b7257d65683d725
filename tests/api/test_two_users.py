"""The crawl of two users: nothing of one can be read, changed or guessed by the other, and no frame goes astray."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.api.identity import Policy, Role
from crypto_portfolio_analyzer.api.live import ROOMS
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from crypto_portfolio_analyzer.storage.accounts import new_id
from tests.api.house import PATIENCE, House, Socket, open_house, until
from tests.api.routes.conftest import LOOPBACK
from tests.api.routes.test_channels import make_channel
from tests.api.test_auth import CALLS, Call

CANARY = "canary"
"""Part of everything the first user writes."""
KEY = "the-same-key"
ALERT: dict[str, Any] = {
    "name": f"{CANARY} alert",
    "symbol": "BTC/USDT",
    "condition": "price crosses above 60000",
    "trigger": "every_time",
    "cooldown_seconds": 0,
    "message": f"{CANARY} message",
}
BODIES: dict[str, Any] = {
    "PATCH /api/alerts/{alert_id}": {"severity": "critical"},
    "PUT /api/alerts/{alert_id}": ALERT | {"name": "mine"},
    "PATCH /api/channels/{channel_id}": {"enabled": False},
    "POST /api/channels/{channel_id}/confirm": {"code": "123456"},
    "POST /api/deliveries/{delivery_id}/redeliver": {"anyway": True},
}
"""What a request needs to be understood."""
OWN_BY_NAME = {"PUT /api/watchlists/{name}", "PUT /api/portfolio/holdings/{symbol}"}
"""What makes something of one's own of that name: names are everybody's own."""
FORGETFUL = re.compile(r'"(code|server_time|created_at|updated_at|since)":"[^"]*"|"nearest_percent":[^,}]*')
module = pytest.mark.asyncio(loop_scope="module")


class Crawl:
    """A house in which one user has one of everything, and another has nothing."""

    def __init__(self, house: House, receiver: WebhookReceiver) -> None:
        self.house, self.receiver = house, receiver
        self.anna, self.bert, self.admin = (httpx2.AsyncClient() for _ in range(3))
        self.ids: dict[str, list[str]] = {}
        self.secrets: list[str] = []

    async def settle(self) -> None:
        """Let the first user make one of everything."""
        self.anna = await self.house.member("anna")
        self.bert = await self.house.member("bert")
        self.admin = await self.house.member("root", Role.ADMIN)
        channel = await make_channel(self.anna, self.receiver, name=f"{CANARY} channel")
        watchlist = await self.anna.put(f"/api/watchlists/{CANARY}", json={"symbols": ["BTC/USDT"]})
        assert watchlist.status_code == 200
        held = await self.anna.put("/api/portfolio/holdings/BTC-USDT", json={"quantity": "12345.678"})
        assert held.status_code == 200
        silence = await self._made(
            "/api/silences", matchers={"tag": CANARY}, duration_seconds=600, comment=f"{CANARY} comment"
        )
        hook = await self._made("/api/hooks", name=f"{CANARY} hook", channels=[channel["id"]])
        token = await self._made("/api/auth/tokens", name=f"{CANARY} token", scopes=["read"])
        alert = await self.anna.post(
            "/api/alerts", json=ALERT | {"channels": [channel["id"]]}, headers={"Idempotency-Key": KEY}
        )
        gone = await self._made("/api/alerts", **ALERT | {"name": f"{CANARY} gone"})
        await self.anna.delete(f"/api/alerts/{gone['id']}")
        links, now = self.house.app.links, self.house.app.clock.now()
        code = await links.new_code("anna", "telegram", now)
        await links.use_code("telegram", code, "4711", CANARY, now)
        self.cross()
        deliveries = await until(self._deliveries)
        sessions = (await self.anna.get("/api/auth/sessions")).json()["sessions"]
        self.ids = {
            "alert_id": [alert.json()["id"], gone["id"], ALERT["name"]],
            "firing_id": [each["id"] for each in (await self.anna.get("/api/firings")).json()["firings"]],
            "silence_id": [silence["id"]],
            "channel_id": [channel["id"], channel["name"]],
            "delivery_id": [each["id"] for each in deliveries],
            "hook_id": [hook["id"]],
            "person": ["4711"],
            "token_id": [token["id"]],
            "session_id": [each["id"] for each in sessions],
            "name": [CANARY],
            "symbol": ["BTC-USDT"],
        }
        assert all(self.ids.values())
        shown = {each for ids in self.ids.values() for each in ids} - {"BTC-USDT"}
        self.secrets = sorted(shown | {CANARY, "anna", "12345.678", self.receiver.hook_url})

    def cross(self) -> None:
        """Let the alert fire once more."""
        self.house.tick("BTC/USDT", 59_000.0)
        self.house.tick("BTC/USDT", 60_001.0)

    def leaked(self, text: str) -> list[str]:
        """Return what of the first user's a text holds."""
        return [secret for secret in self.secrets if secret in text]

    async def belongings(self) -> list[str]:
        """Return everything that the first user sees of the own."""
        found = []
        for call in CALLS:
            if call.method == "GET" and call.policy is Policy.READ and "alerts/stats" not in call.path:
                for path, _ in self.paths(call) or [(call.path, "")]:
                    if "{" in call.template and "/api/" in path and "market" not in path:
                        found.append(_still(await self.anna.get(path)))
        return found

    def paths(self, call: Call) -> list[tuple[str, str]]:
        """Return a route's paths to what is the first user's, each with one to what does not exist."""
        named = re.findall(r"{(\w+)}", call.template)
        if len(named) != 1 or named[0] not in self.ids or "/api/" not in call.template:
            return []
        return [
            (
                call.template.replace(f"{{{named[0]}}}", each),
                call.template.replace(f"{{{named[0]}}}", _other(each)),
            )
            for each in self.ids[named[0]]
        ]

    async def _made(self, path: str, **fields: Any) -> dict[str, Any]:
        answer = await self.anna.post(path, json=fields)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    async def _deliveries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.anna.get("/api/deliveries")).json()["deliveries"]
        return found if found and found[0]["state"] == "delivered" else []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crawl(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Crawl]:
    """The house with its two users."""
    async with (
        WebhookReceiver() as receiver,
        open_house(tmp_path_factory.mktemp("house"), **LOOPBACK) as house,
    ):
        made = Crawl(house, receiver)
        await made.settle()
        yield made
        for client in (made.anna, made.bert, made.admin):
            await client.aclose()


def _other(text: str) -> str:
    """Return an id of the same form that nothing has."""
    return "ETH-USDT" if "-" in text else new_id()[: len(text)] if len(text) >= 20 else text[::-1] + "x"


def _still(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {FORGETFUL.sub('', answer.text)}"


@module
async def test_what_is_anothers_is_answered_as_if_it_did_not_exist(
    crawl: Crawl, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await crawl.belongings()
    cells, leaks, odd = 0, [], []
    for call in CALLS:
        if call.policy not in (Policy.READ, Policy.CHANGE) or call.area == "market":
            continue
        if call.name in OWN_BY_NAME:
            continue
        for theirs, nobodys in crawl.paths(call):
            body = BODIES.get(call.name)
            real, none = [
                await crawl.bert.request(call.method, path, json=body) for path in (theirs, nobodys)
            ]
            cells += 1
            mine, none_such = _part(theirs, nobodys), _part(nobodys, theirs)
            alike = [_without(_still(real), mine), _without(_still(none), none_such)]
            if alike[0] != alike[1] or crawl.leaked(_without(real.text, mine)):
                leaks.append((call.name, real.text, none.text))
            if real.status_code != 404:
                odd.append((call.name, theirs, real.status_code, real.text[:200]))

    with capsys.disabled():
        print(f"\ntwo users: {cells} pairs of requests, {len(leaks)} leaks")  # noqa: T201
    assert leaks == []
    assert odd == []
    assert cells > 40
    assert await crawl.belongings() == before


def _without(text: str, part: str) -> str:
    """Blank what was asked for, however it is spelled."""
    return text.replace(part, "…").replace(part.replace("-", "/"), "…")


def _part(path: str, other: str) -> str:
    """Return the segment in which a path differs from another."""
    pairs = zip(path.split("/"), other.split("/"), strict=True)
    return next(mine for mine, theirs in pairs if mine != theirs)


@module
@pytest.mark.parametrize("who", ["bert", "admin"])
async def test_no_list_shows_what_is_anothers(crawl: Crawl, who: str) -> None:
    client: httpx2.AsyncClient = getattr(crawl, who)
    everybodys = (
        {"/api/users", "/api/audit", "/api/audit/verify", "/api/deliveries/law"} if who == "admin" else set()
    )
    leaks = []
    for call in CALLS:
        if call.method == "GET" and "{" not in call.template and call.template not in everybodys:
            text = (await client.get(call.path)).text
            leaks += [(call.name, crawl.leaked(text))] if crawl.leaked(text) and "/api/" in call.path else []

    assert leaks == []


@module
async def test_an_administrator_has_no_key_to_what_is_private(crawl: Crawl) -> None:
    found = {}
    for call in CALLS:
        private = call.policy is Policy.READ and call.method == "GET" and call.area not in ("market", "users")
        for theirs, _ in crawl.paths(call) if private else []:
            found[theirs] = (await crawl.admin.get(theirs)).status_code
    users = (await crawl.admin.get("/api/users")).json()["users"]
    done = (await crawl.admin.get("/api/audit", params={"actor": "anna"})).json()["entries"]

    assert set(found.values()) == {404}
    assert {"anna", "bert"} <= {user["name"] for user in users}
    assert done


@module
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/firings", "alert_id"),
        ("/api/deliveries", "alert_id"),
        ("/api/deliveries", "channel_id"),
        ("/api/deliveries", "firing_id"),
        ("/api/audit", "subject"),
    ],
)
async def test_filters_find_nothing_of_anothers(crawl: Crawl, path: str, name: str) -> None:
    wanted = crawl.ids.get(name, crawl.ids["alert_id"])[0]
    theirs = await crawl.bert.get(path, params={name: wanted})
    none = await crawl.bert.get(path, params={name: _other(wanted)})

    assert theirs.status_code == none.status_code
    assert (
        theirs.text.replace(wanted, "") == none.text.replace(_other(wanted), "") or theirs.status_code == 200
    )
    assert not crawl.leaked(theirs.text.replace(wanted, ""))


@module
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/alerts", {**ALERT, "name": "mine", "channels": ["channel_id"]}),
        ("/api/alerts", {**ALERT, "name": "mine", "symbol": None, "watchlist": "name"}),
        ("/api/hooks", {"name": "a hook", "channels": ["channel_id"]}),
        ("/api/bots/preview", {"channel": "channel_id", "alert": ALERT}),
        ("/api/channels/preview", {"channel": "channel_id", "alert": ALERT}),
        ("/api/deliveries/redeliver", {"ids": ["delivery_id"]}),
        ("/api/deliveries/redeliver", {"channel_id": "channel_id"}),
    ],
)
async def test_naming_what_is_anothers_is_answered_as_for_what_does_not_exist(
    crawl: Crawl, path: str, body: dict[str, Any]
) -> None:
    text = json.dumps({name: value for name, value in body.items() if value is not None})
    answers = []
    for choose in (lambda text: text, _other):
        chosen = {kind: choose(ids[0]) for kind, ids in crawl.ids.items()}
        sent = text
        for kind in ("channel_id", "delivery_id", "name"):
            sent = re.sub(rf'(?<=[\[ ])"{kind}"(?!:)', f'"{chosen[kind]}"', sent)
        answer = await crawl.bert.post(path, content=sent, headers={"content-type": "application/json"})
        shown = _still(answer) if answer.status_code != 201 else "201"
        for each in sorted(chosen.values(), key=len, reverse=True):
            shown = shown.replace(each, "…")
        answers.append(shown)
        if (
            answer.status_code == 201
        ):  # a channel that is none is no obstacle: it is told of when the alert fires
            await crawl.bert.delete(f"/api/alerts/{answer.json()['id']}")

    assert answers[0] == answers[1]


@module
async def test_an_alert_that_names_anothers_channel_is_not_told_there(crawl: Crawl) -> None:
    made = await crawl.bert.post(
        "/api/alerts",
        json=ALERT | {"name": "a stray", "message": "", "channels": [crawl.ids["channel_id"][0]]},
    )
    before = len(crawl.receiver.received)
    crawl.cross()

    async def told() -> bool:
        return len(crawl.receiver.received) > before

    async def fired() -> Any:
        return (await crawl.bert.get("/api/firings", params={"alert_id": made.json()["id"]})).json()[
            "firings"
        ]

    await until(told)  # the first user, of the own alert
    await until(fired)
    deliveries = (await crawl.bert.get("/api/deliveries")).json()["deliveries"]
    await crawl.bert.delete(f"/api/alerts/{made.json()['id']}")

    assert deliveries == []
    assert [each for each in crawl.receiver.received if b"a stray" in each.body] == []


@module
async def test_a_key_of_anothers_request_says_nothing(crawl: Crawl) -> None:
    first = await crawl.bert.post("/api/alerts", json=ALERT, headers={"Idempotency-Key": KEY})
    await crawl.bert.delete(f"/api/alerts/{first.json()['id']}")

    assert first.status_code == 201
    assert first.json()["id"] not in crawl.ids["alert_id"]
    assert "idempotency-replayed" not in first.headers


@module
async def test_a_ticket_is_its_holders(crawl: Crawl) -> None:
    ticket = (await crawl.anna.post("/api/auth/ws-ticket")).json()["ticket"]
    async with crawl.house.socket(f"?ticket={ticket}", authorization="Bearer garbage") as socket:
        await socket.say(type="resume", room="alerts", after=0)
        heard = await socket.hear_of("alert")

    assert CANARY in json.dumps(heard)


@module
async def test_no_frame_goes_astray(crawl: Crawl) -> None:
    async with crawl.house.socket_of("anna") as anna, crawl.house.socket_of("bert") as bert:
        for socket in (anna, bert):
            for room in ROOMS:
                await socket.say(type="join_room", room=room)
            await socket.say(type="resume", room="alerts", after=0)
        crawl.cross()
        hers = await _all_until(anna, {"alert", "portfolio_update"})
        await bert.say(type="dance")
        his = await _all_until(bert, {"error"})

    assert {CANARY, "12345.678"} <= {each for message in hers for each in crawl.leaked(json.dumps(message))}
    assert [each for message in his for each in crawl.leaked(json.dumps(message))] == []


async def _all_until(socket: Socket, kinds: set[str]) -> list[dict[str, Any]]:
    """Return what comes until every kind of message has come."""
    heard: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE):
        while not kinds <= {message["type"] for message in heard}:
            heard.append(await socket.hear())
    return heard


@module
async def test_names_are_everybodys_own(crawl: Crawl) -> None:
    made = [
        await crawl.bert.put(f"/api/watchlists/{CANARY}", json={"symbols": ["ETH/USDT"]}),
        await crawl.bert.put("/api/portfolio/holdings/BTC-USDT", json={"quantity": "1"}),
        await crawl.bert.delete(f"/api/watchlists/{CANARY}"),
        await crawl.bert.delete("/api/portfolio/holdings/BTC-USDT"),
    ]
    hers = (await crawl.anna.get(f"/api/watchlists/{CANARY}")).json()["symbols"]
    [held] = (await crawl.anna.get("/api/portfolio")).json()["holdings"]

    assert [answer.status_code for answer in made] == [200, 200, 204, 204]
    assert hers == ["BTC/USDT"]
    assert held["quantity"] == "12345.678"
