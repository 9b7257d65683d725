"""`/api/users`: who may come in, and what they may do."""

import pytest

from crypto_portfolio_analyzer.api.identity import Role
from tests.api.credentials import bearer
from tests.api.house import House

ANNA = {"name": "anna", "role": "trader"}


async def test_a_new_account_comes_in_once_by_its_link_and_sets_itself_up(house: House) -> None:
    async with house.owner() as owner, house.client() as client:
        made = (await owner.post("/api/users", json=ANNA)).json()
        code = made["login_url"].partition("code=")[2]
        first = await client.post("/api/auth/login", json={"code": code})
        second = await client.post("/api/auth/login", json={"code": code})
        async with house.client(**bearer(first.json()["access_token"])) as anna:
            before = (await anna.get("/api/auth/me")).json()
            await anna.put("/api/auth/preferences", json={"language": "de"})
            done = await anna.put("/api/auth/password", json={"password": "twelve unusual words"})
            after = (await anna.get("/api/auth/me")).json()
        listed = (await owner.get("/api/users")).json()["users"]

    assert made["login_url"].startswith(f"{house.url}/login?code=")
    assert (first.status_code, second.status_code, done.status_code) == (200, 401, 204)
    assert (before["first_run"], after["first_run"], after["has_password"]) == (True, False, True)
    assert [(each["name"], each["role"], each["has_password"]) for each in listed] == [
        ("admin", "admin", False),
        ("anna", "trader", True),
    ]


async def test_a_link_in_the_browser_works_once_and_leaks_nowhere(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    async with house.owner() as owner, house.client() as browser:
        url = (await owner.post("/api/users", json=ANNA)).json()["login_url"]
        first, second = await browser.get(url), await browser.get(url)
        told = (await owner.get("/api/audit")).text

    code = url.partition("code=")[2]
    assert first.headers["location"] == "/"
    assert first.headers["referrer-policy"] == "no-referrer"
    assert second.headers["location"] == "/login?used=1"
    ours = [each for each in caplog.records if not each.name.startswith(("httpx2", "httpcore2"))]
    assert ours
    assert code not in told + "".join(f"{each.getMessage()} {vars(each)}" for each in ours)


async def test_a_demoted_user_is_less_at_once_and_a_disabled_one_is_out(house: House) -> None:
    now = house.app.clock.now()
    async with house.owner() as owner, await house.member("anna", Role.ADMIN) as anna:
        _, secret = await house.app.accounts.tokens.create("anna", "bot", ["admin"], now)
        async with house.client(**bearer(secret)) as bot:
            before = (await bot.get("/api/users")).status_code
            await owner.patch("/api/users/anna", json={"role": "reader"})
            reader = [
                (await bot.get("/api/users")).status_code,
                (await bot.get("/api/alerts")).status_code,
                (await anna.get("/api/alerts")).status_code,
            ]
            await owner.patch("/api/users/anna", json={"disabled": True})
            out = (await bot.get("/api/alerts")).status_code
            await owner.patch("/api/users/anna", json={"disabled": False})
            back = (await bot.get("/api/alerts")).status_code

    assert before == 200
    assert reader == [403, 200, 401]
    assert (out, back) == (401, 200)


async def test_the_last_administrator_stays(house: House) -> None:
    async with house.owner() as owner:
        disabled = await owner.patch("/api/users/admin", json={"disabled": True})
        demoted = await owner.patch("/api/users/admin", json={"role": "reader"})

    assert (disabled.status_code, demoted.status_code) == (422, 422)


async def test_what_cannot_be_is_refused(house: House) -> None:
    async with house.owner() as owner:
        await owner.post("/api/users", json=ANNA)
        answers = [
            (await owner.post("/api/users", json=ANNA)).status_code,
            (await owner.post("/api/users", json=ANNA | {"name": "nobody"})).status_code,
            (await owner.patch("/api/users/anna", json={})).status_code,
            (await owner.patch("/api/users/ghost", json={"role": "reader"})).status_code,
            (await owner.post("/api/users/ghost/login-link")).status_code,
            (await owner.delete("/api/users/anna/totp")).status_code,
            (await owner.get("/api/users/%FF%00")).status_code,
        ]

    assert answers == [422, 422, 422, 404, 404, 404, 404]


async def test_a_link_lets_in_again_whoever_forgot_the_password(house: House) -> None:
    now = house.app.clock.now()
    await house.app.accounts.add_user("anna", "trader", now)
    await house.app.accounts.set_password("anna", "forgotten it already", now)
    async with house.owner() as owner, house.client() as client:
        link = (await owner.post("/api/users/anna/login-link")).json()
        code = link["login_url"].partition("code=")[2]
        token = (await client.post("/api/auth/login", json={"code": code})).json()["access_token"]
        put = await client.put(
            "/api/auth/password", json={"password": "twelve unusual words"}, headers=bearer(token)
        )
        login = await client.post(
            "/api/auth/login", json={"name": "anna", "password": "twelve unusual words"}
        )

    assert (put.status_code, login.status_code) == (204, 200)
