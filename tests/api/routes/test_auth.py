"""Logging in, staying in, leaving."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.api.house import House

PASSWORD = "a long enough secret"


async def code_of(house: House) -> str:
    return (await house.server.login_url()).partition("code=")[2]


async def bearer(house: House) -> dict[str, str]:
    async with house.client() as client:
        answer = (await client.post("/api/auth/login", json={"code": await code_of(house)})).json()
    return {"authorization": f"Bearer {answer['access_token']}", "refresh": answer["refresh_token"]}


async def test_login_by_code_gives_tokens_that_open_doors(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/api/auth/login", json={"code": await code_of(house)})
        token = answer.json()["access_token"]
        listed = await client.get("/api/symbols", headers={"authorization": f"Bearer {token}"})

    assert answer.json()["token_type"] == "bearer"
    assert answer.json()["expires_in"] == 900
    assert listed.status_code == 200


async def test_a_code_works_once(house: House) -> None:
    code = await code_of(house)
    async with house.client() as client:
        first = await client.post("/api/auth/login", json={"code": code})
        second = await client.post("/api/auth/login", json={"code": code})

    assert (first.status_code, second.status_code) == (200, 401)


async def test_password_is_set_then_logs_in(house: House) -> None:
    async with house.owner() as owner, house.client() as client:
        done = await owner.put("/api/auth/password", json={"password": PASSWORD})
        right = await client.post("/api/auth/login", json={"name": "Admin", "password": PASSWORD})
        wrong = await client.post("/api/auth/login", json={"name": "admin", "password": "not it"})
        nobody = await client.post("/api/auth/login", json={"name": "nobody", "password": "not it"})

    assert done.status_code == 204
    assert right.status_code == 200
    assert wrong.json()["detail"] == nobody.json()["detail"]
    assert (wrong.status_code, nobody.status_code) == (401, 401)


async def test_changing_a_password_needs_the_current_one(house: House) -> None:
    async with house.owner() as owner:
        await owner.put("/api/auth/password", json={"password": PASSWORD})
        refused = await owner.put("/api/auth/password", json={"password": "another long one"})
        done = await owner.put(
            "/api/auth/password", json={"password": "another long one", "current": PASSWORD}
        )

    assert (refused.status_code, done.status_code) == (403, 204)


async def test_short_passwords_are_refused(house: House) -> None:
    async with house.owner() as owner:
        answer = await owner.put("/api/auth/password", json={"password": "short"})

    assert answer.status_code == 422


async def test_guessing_is_slowed_down(house: House) -> None:
    async with house.client() as client:
        answers = [await client.post("/api/auth/login", json={"code": f"guess {n}"}) for n in range(7)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_refresh_rotates_and_a_second_use_ends_the_session(house: House) -> None:
    headers = await bearer(house)
    old = headers.pop("refresh")
    async with house.client() as client:
        fresh = await client.post("/api/auth/refresh", json={"refresh_token": old})
        stolen = await client.post("/api/auth/refresh", json={"refresh_token": old})
        after = await client.get("/api/symbols", headers=headers)

    assert fresh.status_code == 200
    assert fresh.json()["refresh_token"] != old
    assert (stolen.status_code, after.status_code) == (401, 401)


async def test_a_refresh_token_is_no_access_token(house: House) -> None:
    headers = await bearer(house)
    async with house.client(authorization=f"Bearer {headers['refresh']}") as client:
        answer = await client.get("/api/symbols")

    assert answer.status_code == 401


async def test_logout_ends_tokens_and_sockets_at_once(house: House) -> None:
    headers = await bearer(house)
    del headers["refresh"]
    async with house.client(**headers) as client, house.socket(**headers) as socket:
        await socket.hear_of("status")
        await client.post("/api/auth/logout")
        after = await client.get("/api/symbols")
        async with asyncio.timeout(3):
            await socket.connection.wait_closed()

    assert after.status_code == 401
    assert socket.connection.close_code == 1008


async def test_a_ticket_opens_one_socket(house: House) -> None:
    async with house.owner() as client:
        ticket = (await client.post("/api/auth/ws-ticket")).json()["ticket"]
    async with house.socket(f"?ticket={ticket}") as socket:
        welcome = await socket.hear_of("status")

    assert "portfolio" in welcome["data"]["rooms"]
    with pytest.raises(InvalidStatus, match="401"):
        async with house.socket(f"?ticket={ticket}"):
            pass


async def test_me_tells_who_is_logged_in(house: House) -> None:
    async with house.client() as client, house.owner() as owner:
        nobody = (await client.get("/api/auth/me")).json()
        admin = (await owner.get("/api/auth/me")).json()

    assert (nobody["name"], nobody["auth"]) == (None, "on")
    assert (admin["name"], admin["role"], admin["has_password"]) == ("admin", "admin", False)


async def test_a_cookie_alone_changes_nothing(house: House) -> None:
    async with house.client() as page:
        await page.get(await house.server.login_url())
        without = await page.put("/api/symbols/SOL/watch")
        own = await page.put("/api/symbols/SOL/watch", headers={"origin": house.url})
        foreign = await page.put("/api/symbols/ADA/watch", headers={"origin": "http://evil.example"})

    assert (without.status_code, own.status_code, foreign.status_code) == (403, 201, 403)
