"""The authentication matrix, over every route there is."""

import re
from collections.abc import Iterator

import pytest

from crypto_portfolio_analyzer.api.auth import MOST_TICKETS
from crypto_portfolio_analyzer.api.identity import Identity, Policy, Role
from crypto_portfolio_analyzer.api.openapi import policy_of
from crypto_portfolio_analyzer.api.tokens import KEY_BYTES
from tests.api.house import House, open_house, settings_in
from tests.api.test_openapi import routes
from tests.api.test_tokens import forged, unsigned

EXAMPLE = {
    "symbol": "BTC",
    **dict.fromkeys(("alert_id", "firing_id", "silence_id", "name"), "x"),
    **dict.fromkeys(("channel_id", "delivery_id", "hook_id", "person", "token"), "x"),
}


def calls() -> Iterator[tuple[str, str, Policy]]:
    for route in routes():
        policy = policy_of(route)
        assert policy is not None
        path = re.sub(r"{(\w+)}", lambda match: EXAMPLE[match[1]], route.path)
        for method in sorted(route.methods or ()):
            yield method, path, policy


CALLS = list(calls())


async def credentials(house: House) -> dict[str, dict[str, str]]:
    """Return everything that must not open a door."""
    gate = house.server.doors.gate
    now = house.app.clock.now()
    session, secret = await gate.accounts.open_session("admin", now)
    good = gate.signer.issue(name="admin", role=Role.ADMIN, session=session, now=now)
    await gate.accounts.close_session(session)
    late = gate.signer.issue(name="admin", role=Role.ADMIN, session=session, now=now - 3600 * 10**9)
    bad = {
        "garbage": "garbage",
        "expired": late,
        "logged out": good,
        "wrong key": forged(bytes(KEY_BYTES)),
        "unsigned": unsigned(),
        "refresh token": secret,
    }
    told = {name: {"authorization": f"Bearer {token}"} for name, token in bad.items()}
    told["wrong scheme"] = {"authorization": f"Basic {gate.local_token}"}
    told["bare scheme"] = {"authorization": "Bearer"}
    told["api key garbage"] = {"x-api-key": "garbage"}
    return told


async def test_bad_credentials_open_no_guarded_route(house: House) -> None:
    wrong = []
    async with house.client() as client:
        for name, headers in (await credentials(house)).items():
            for method, path, policy in CALLS:
                status = (await client.request(method, path, headers=headers)).status_code
                if (status == 401) != (policy is not Policy.OPEN):
                    wrong.append((name, method, path, status))

    assert wrong == []


async def test_without_credentials_only_open_and_local_routes_answer(house: House) -> None:
    wrong = []
    async with house.client() as client:
        for method, path, policy in CALLS:
            status = (await client.request(method, path)).status_code
            if (status == 401) != (policy not in (Policy.OPEN, Policy.LOCAL)) and path != "/api/auth/login":
                wrong.append((method, path, status))

    assert wrong == []


async def test_a_token_in_the_query_is_no_credential(house: House) -> None:
    async with house.client() as client:
        answer = await client.get(f"/api/symbols?token={house.token}&access_token={house.token}")

    assert answer.status_code == 401


@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
async def test_the_owner_gets_in_everywhere(house: House, header: str) -> None:
    value = f"Bearer {house.token}" if header == "authorization" else house.token
    house.tick("BTC/USDT", 1.0)
    async with house.client(**{header: value}) as client:
        statuses = {
            (method, path): (await client.request(method, path)).status_code for method, path, _ in CALLS
        }

    assert {
        call for call, status in statuses.items() if status in (401, 403) and "auth" not in call[1]
    } == set()


async def test_a_viewer_may_look_but_not_change(house: House) -> None:
    gate = house.server.doors.gate
    now = house.app.clock.now()
    await gate.accounts.add_user("eve", "trader", now)
    session, _ = await gate.accounts.open_session("eve", now)
    token = gate.signer.issue(name="eve", role=Role.TRADER, session=session, now=now)
    async with house.client(authorization=f"Bearer {token}") as client:
        statuses = {
            (m, p): (await client.request(m, p)).status_code
            for m, p, policy in CALLS
            if policy is Policy.ADMIN
        }
        listed = await client.get("/api/symbols")

    assert set(statuses.values()) == {403}
    assert listed.status_code == 200


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


async def test_tickets_are_bounded(house: House) -> None:
    gate = house.server.doors.gate
    for _ in range(MOST_TICKETS):
        gate.ticket(Identity("admin", Role.ADMIN))
    async with house.owner() as client:
        full = await client.post("/api/auth/ws-ticket")

    assert full.status_code == 429
