"""The authentication matrix: every route there is, shown every credential there is."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio

from crypto_portfolio_analyzer.api.identity import AREAS, OWN_AREA, Policy, Role
from crypto_portfolio_analyzer.api.openapi import policy_of
from crypto_portfolio_analyzer.api.tokens import KEY_BYTES
from crypto_portfolio_analyzer.tasks import Nursery
from tests.api.credentials import Headers, Known, faulty, known
from tests.api.house import House, open_house, settings_in
from tests.api.knocking import knock
from tests.api.test_openapi import routes

EXAMPLE = {
    "symbol": "BTC",
    **dict.fromkeys(("alert_id", "firing_id", "silence_id", "name"), "x"),
    **dict.fromkeys(
        ("channel_id", "delivery_id", "hook_id", "person", "token", "token_id", "session_id"), "x"
    ),
}
REMOTE = {"x-forwarded-for": "203.0.113.9"}
MOSTLY_HARMLESS = {
    "POST /api/alerts/validate",
    "POST /api/alerts/backtest",
    "POST /api/alerts/complete",
    "POST /gpt-alerts/test-system",
    "POST /live-alerts/test-stream/{symbol}",
    "POST /api/auth/ws-ticket",
}
"""What readers may do although it is no GET: it computes, and changes nothing."""
IN_PERSON = {
    "POST /api/auth/logout",
    "PUT /api/auth/password",
    "PUT /api/auth/preferences",
    "GET /api/auth/sessions",
    "DELETE /api/auth/sessions/{session_id}",
    "GET /api/auth/tokens",
    "POST /api/auth/tokens",
    "DELETE /api/auth/tokens/{token_id}",
    "POST /api/auth/totp",
    "POST /api/auth/totp/confirm",
    "DELETE /api/auth/totp",
    "GET /api/users/{name}/tokens",
    "POST /api/users/{name}/tokens",
    "DELETE /api/users/{name}/tokens/{token_id}",
    "PUT /api/users/{name}/password",
}
"""What nobody does by an API token: it is about the keys themselves."""
ADMITTED = {
    Role.READER: {Policy.OPEN, Policy.LOCAL, Policy.READ},
    Role.TRADER: {Policy.OPEN, Policy.LOCAL, Policy.READ, Policy.CHANGE},
    Role.ADMIN: set(Policy),
}
GRANTED = {
    "read": {Policy.LOCAL, Policy.READ},
    "write": {Policy.LOCAL, Policy.READ, Policy.CHANGE},
    "admin": {Policy.LOCAL, Policy.READ, Policy.CHANGE, Policy.ADMIN},
}


class Call:
    """One route by one of its methods."""

    def __init__(self, method: str, route: Any) -> None:
        policy = policy_of(route)
        assert policy is not None, f"{route.path} declares no policy"
        self.method, self.template, self.policy = method, route.path, policy
        self.area = str(route.tags[0]) if route.tags else ""
        self.path = re.sub(r"{(\w+)}", lambda match: EXAMPLE[match[1]], route.path)

    @property
    def name(self) -> str:
        return f"{self.method} {self.template}"

    def admits(self, who: Known) -> bool:
        """Say what must be, without asking the code that decides it."""
        if self.policy is Policy.OPEN:
            return True
        if self.policy not in ADMITTED[who.role] or who.scopes is None:
            return self.policy in ADMITTED[who.role]
        if self.name in IN_PERSON:
            return False
        if self.area == OWN_AREA:
            return True
        own = [scope.partition(":")[2] for scope in who.scopes if scope.startswith(f"{self.area}:")]
        wide = [scope for scope in who.scopes if scope in GRANTED]
        return any(self.policy in GRANTED[level] for level in (*own, *wide))


def calls() -> Iterator[Call]:
    for route in routes():
        for method in sorted(route.methods or ()):
            yield Call(method, route)


CALLS = sorted(calls(), key=lambda call: call.path == "/api/auth/logout")  # it ends the session that asks
module = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crowded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house in a market that is never quiet."""
    trading = Nursery()
    async with open_house(tmp_path_factory.mktemp("house")) as opened:
        await trading.start()
        trading.spawn(_trade(opened), name="market")
        yield opened
        await trading.stop()


async def _trade(house: House) -> None:
    """Let somebody trade all the time, for the routes that wait for a price."""
    while True:
        house.tick("BTC/USDT", 1.0)
        await asyncio.sleep(0.05)


async def statuses(house: House, headers: Headers, query: str = "") -> dict[str, tuple[Call, int]]:
    """Knock at every door; logging out comes last."""
    found = await knock(house.url, [(call.method, call.path + query) for call in CALLS[:-1]], headers)
    found += await knock(house.url, [(CALLS[-1].method, CALLS[-1].path + query)], headers)
    return {call.name: (call, status) for call, status in zip(CALLS, found, strict=True)}


@module
async def test_whatever_proves_nothing_opens_nothing(
    crowded: House, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, wrong = 0, []
    bad = await faulty(crowded)
    for name, headers in bad.items():
        for call, status in (await statuses(crowded, headers)).values():
            cells += 1
            if (status == 401) != (call.policy is not Policy.OPEN):
                wrong.append((name, call.name, status))

    with capsys.disabled():
        print(f"\naccess matrix, faulty: {cells - len(wrong)}/{cells} right, {len(bad)} credentials")  # noqa: T201
    assert wrong == []
    assert cells == len(bad) * len(CALLS) > 4000


@module
async def test_whoever_is_known_goes_as_far_as_role_and_scopes(
    crowded: House, capsys: pytest.CaptureFixture[str]
) -> None:
    cells, wrong = 0, []
    for name, who in (await known(crowded)).items():
        for call, status in (await statuses(crowded, who.headers)).values():
            cells += 1
            if (
                (status not in (401, 403)) != call.admits(who)
                or status >= 500
                or (not call.admits(who) and status != 403)
            ):
                wrong.append((name, call.name, status))

    with capsys.disabled():
        print(f"\naccess matrix, known: {cells - len(wrong)}/{cells} right")  # noqa: T201
    assert wrong == []


@module
@pytest.mark.parametrize("is_remote", [False, True])
async def test_without_credentials_only_what_is_open_answers(crowded: House, is_remote: bool) -> None:
    free = {Policy.OPEN} if is_remote else {Policy.OPEN, Policy.LOCAL}
    found = await statuses(crowded, REMOTE if is_remote else {})

    assert [
        name for name, (call, status) in found.items() if (status == 401) != (call.policy not in free)
    ] == []


@module
@pytest.mark.parametrize("name", ["token", "access_token", "authorization", "api_key", "ticket"])
async def test_a_token_in_the_query_is_no_credential(crowded: House, name: str) -> None:
    found = await statuses(crowded, REMOTE, f"?{name}={crowded.token}")

    guarded = {status for call, status in found.values() if call.policy is not Policy.OPEN}
    assert guarded <= {401, 422}  # such a query may be refused before anybody asks who it is


@module
@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
async def test_the_owner_gets_in_everywhere(crowded: House, header: str) -> None:
    value = f"Bearer {crowded.token}" if header == "authorization" else crowded.token
    found = await statuses(crowded, {header: value})

    assert [name for name, (_, status) in found.items() if status in (401, 403)] == []


def test_what_readers_may_do_beyond_looking_is_on_a_short_list() -> None:
    beyond = {call.name for call in CALLS if call.method != "GET" and call.policy is Policy.READ}

    assert beyond - IN_PERSON == MOSTLY_HARMLESS


def test_scopes_can_name_exactly_the_areas_there_are() -> None:
    tags = {call.area for call in CALLS if call.policy is not Policy.OPEN}

    assert tags - {OWN_AREA} == set(AREAS)


async def test_behind_a_proxy_local_routes_need_a_login(house: House) -> None:
    async with house.client(**{"x-forwarded-for": "203.0.113.9"}) as client:
        answer = await client.get("/status")

    assert answer.status_code == 401


async def test_reachable_by_others_local_routes_need_a_login(tmp_path: object) -> None:
    async with open_house(tmp_path, host="0.0.0.0") as house, house.client() as client:  # type: ignore[arg-type]
        answer = await client.get("/status")

    assert answer.status_code == 401


async def test_without_auth_everybody_on_this_machine_is_the_owner(tmp_path: object) -> None:
    async with open_house(tmp_path, auth=False) as house, house.client() as client:  # type: ignore[arg-type]
        answer = await client.get("/api/symbols")
        me = (await client.get("/api/auth/me")).json()

    assert answer.status_code == 200
    assert (me["name"], me["auth"]) == ("admin", "off")


def test_auth_off_is_refused_where_others_can_reach(tmp_path: object) -> None:
    with pytest.raises(ValueError, match="auth"):
        settings_in(tmp_path, auth=False, host="0.0.0.0")  # type: ignore[arg-type]


async def test_the_signing_key_is_made_once_and_the_owners_alone(house: House) -> None:
    path = house.app.settings.data_dir / "signing.key"

    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_bytes()) == KEY_BYTES
