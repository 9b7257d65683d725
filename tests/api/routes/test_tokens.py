"""`/api/auth/tokens`: what one's own programs come in with."""

from crypto_portfolio_analyzer.api.identity import Role
from tests.api.credentials import bearer
from tests.api.house import House

BOT = {"name": "bot", "scopes": ["alerts:write"], "expires_in_days": 30}
ALERT = {"name": "high", "symbol": "BTC/USDT", "condition": "price > 60000"}


async def test_a_token_is_shown_once_and_acts_in_its_name(house: House) -> None:
    async with await house.member("anna") as anna:
        made = (await anna.post("/api/auth/tokens", json=BOT)).json()
        listed = (await anna.get("/api/auth/tokens")).json()["tokens"]
        async with house.client(**{"x-api-key": made["token"]}) as bot:
            alert = await bot.post("/api/alerts", json=ALERT)
            beyond = await bot.get("/api/market/BTCUSDT")
            me = (await bot.get("/api/auth/me")).json()
            told = (await anna.get("/api/audit", params={"actor": "anna", "action": "alert"})).json()[
                "entries"
            ]
            await anna.delete(f"/api/auth/tokens/{made['id']}")
            after = await bot.get("/api/alerts")

    assert listed[0] | {"token": made["token"]} == made
    assert (alert.status_code, beyond.status_code, after.status_code) == (201, 403, 401)
    assert "alerts:write" in beyond.json()["remedy"]
    assert "insufficient_scope" in beyond.headers["www-authenticate"]
    assert (me["name"], me["token"], me["scopes"]) == ("anna", "bot", ["alerts:write"])
    assert [each["actor"] for each in told] == ["anna via token bot"]


async def test_no_token_makes_keys(house: House) -> None:
    async with await house.member("root", Role.ADMIN) as root:
        made = (await root.post("/api/auth/tokens", json=BOT | {"scopes": ["admin"]})).json()
        async with house.client(**bearer(made["token"])) as bot:
            answers = [
                await bot.post("/api/auth/tokens", json=BOT),
                await bot.put("/api/auth/password", json={"password": "twelve unusual words"}),
                await bot.post("/api/auth/totp"),
                await bot.delete(f"/api/auth/tokens/{made['id']}"),
                await bot.post("/api/auth/logout"),
            ]
            users = await bot.get("/api/users")

    assert {answer.status_code for answer in answers} == {403}
    assert users.status_code == 200


async def test_scopes_that_are_none_are_named(house: House) -> None:
    async with await house.member("anna") as anna:
        answer = await anna.post("/api/auth/tokens", json=BOT | {"scopes": ["read", "moon:read"]})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "scopes.1"


async def test_a_repeat_tells_no_secret_twice(house: House) -> None:
    async with await house.member("anna") as anna:
        first, second = [
            await anna.post("/api/auth/tokens", json=BOT, headers={"idempotency-key": "k"}) for _ in "ab"
        ]
        listed = (await anna.get("/api/auth/tokens")).json()["tokens"]

    assert (first.status_code, second.status_code, len(listed)) == (201, 409, 1)
    assert first.json()["token"] not in second.text
