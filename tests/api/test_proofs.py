"""Proofs of who somebody is, and the patience with wrong ones."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pyotp

from crypto_portfolio_analyzer.api.attempts import FREE
from tests.api.house import House, open_house
from tests.fakes import SECOND, FakeClock

PASSWORD = "a long enough secret"
WRONG = "not the right secret"


async def account(house: House, name: str, *, password: str | None = PASSWORD) -> None:
    """Make an account, with a password or without."""
    now = house.app.clock.now()
    await house.app.accounts.add_user(name, "trader", now)
    if password is not None:
        await house.app.accounts.set_password(name, password, now)


async def login(house: House, name: str, password: str, **more: str) -> httpx2.Response:
    async with house.client() as client:
        return await client.post("/api/auth/login", json={"name": name, "password": password, **more})


async def test_whatever_is_wrong_the_answer_is_the_same(house: House) -> None:
    await account(house, "anna")
    await account(house, "open", password=None)
    await account(house, "out")
    await house.app.accounts.disable_user("out", house.app.clock.now())
    factor = house.app.accounts.second_factor
    await account(house, "safe")
    secret, _ = await factor.begin("safe")
    await factor.confirm("safe", pyotp.TOTP(secret).now(), house.app.clock.now())

    answers = [
        await login(house, "anna", WRONG),
        await login(house, "nobody-at-all", WRONG),
        await login(house, "open", WRONG),
        await login(house, "out", PASSWORD),
    ]
    house.server.doors.attempts.succeed("address 127.0.0.1")
    answers += [
        await login(house, "safe", WRONG),
        await login(house, "safe", WRONG, totp="000000"),
        await login(house, "safe", WRONG, totp=pyotp.TOTP(secret).now()),
    ]

    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert answers[0].status_code == 401
    assert "needs" not in answers[0].json()


async def test_the_second_factor_is_asked_for_and_each_code_is_good_once(house: House) -> None:
    await account(house, "safe")
    factor, now = house.app.accounts.second_factor, house.app.clock.now()
    secret, _ = await factor.begin("safe")
    totp = pyotp.TOTP(secret)
    assert await factor.confirm("safe", totp.at(now // SECOND - 30), now)
    code = totp.at(house.app.clock.now() // SECOND)

    missing = await login(house, "safe", PASSWORD)
    wrong = await login(house, "safe", PASSWORD, totp="abcdef")
    both = await asyncio.gather(*(login(house, "safe", PASSWORD, totp=code) for _ in range(2)))
    again = await login(house, "safe", PASSWORD, totp=code)

    assert (missing.status_code, missing.json()["needs"]) == (401, "totp")
    assert (wrong.status_code, wrong.json()["needs"]) == (401, "totp")
    assert sorted(answer.status_code for answer in both) == [200, 401]
    assert again.status_code == 401


async def test_guesses_wait_longer_and_longer_and_are_told_how_long(tmp_path: Path) -> None:
    async with open_house(tmp_path, clock=FakeClock()) as still:
        await account(still, "anna")
        answers = [await login(still, "anna", WRONG) for _ in range(FREE + 1)]
        right = await login(still, "anna", PASSWORD)

    assert [answer.status_code for answer in answers] == [401] * FREE + [429]
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) >= 1
    assert right.headers["retry-after"] in right.json()["detail"]


async def test_many_guesses_at_once_are_no_way_around(tmp_path: Path) -> None:
    async with open_house(tmp_path, clock=FakeClock()) as still, still.client() as client:
        await account(still, "anna")
        guesses = [{"name": "anna", "password": f"{WRONG} {number}"} for number in range(20)]
        answers = await asyncio.gather(*(client.post("/api/auth/login", json=each) for each in guesses))

    statuses = [answer.status_code for answer in answers]
    assert (statuses.count(401), statuses.count(429)) == (FREE, 20 - FREE)


async def test_what_was_refused_is_in_the_audit_log_without_what_was_typed(house: House) -> None:
    await account(house, "anna")
    await login(house, "anna", WRONG)
    await login(house, PASSWORD, WRONG)  # into the wrong field
    async with house.owner() as owner:
        told: Any = (await owner.get("/api/audit", params={"action": "login.refused"})).json()["entries"]

    assert [(each["subject"], each["details"]) for each in told] == [
        ("nobody", {"reason": "password"}),
        ("anna", {"reason": "password"}),
    ]
