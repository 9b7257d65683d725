"""Other people's keys, in the hands of administrators."""

from crypto_portfolio_analyzer.api.identity import Role
from tests.api.house import House, open_house

TOKEN = {"name": "robot", "scopes": ["write"], "expires_in_days": 1}


async def test_token_made_for_somebody_acts_for_them_with_their_role(house: House):
    async with house.owner() as owner, await house.member("anna", Role.READER):
        made = (await owner.post("/api/users/anna/tokens", json=TOKEN)).json()
        async with house.client(authorization=f"Bearer {made['token']}") as robot:
            me = (await robot.get("/api/auth/me")).json()
            change = await robot.put("/api/watchlists/mine", json={"symbols": ["BTC/USDT"]})
        listed = (await owner.get("/api/users/anna/tokens")).json()["tokens"]
        mine = (await owner.get("/api/auth/tokens")).json()["tokens"]

    assert (me["name"], me["token"]) == ("anna", "robot")
    assert change.status_code == 403
    assert [each["id"] for each in listed] == [made["id"]]
    assert "token" not in listed[0]
    assert mine == []


async def test_revoked_token_opens_nothing(house: House):
    async with house.owner() as owner, await house.member("anna"):
        made = (await owner.post("/api/users/anna/tokens", json=TOKEN)).json()
        elsewhere = await owner.delete(f"/api/users/admin/tokens/{made['id']}")
        gone = await owner.delete(f"/api/users/anna/tokens/{made['id']}")
        async with house.client(authorization=f"Bearer {made['token']}") as robot:
            after = await robot.get("/api/auth/me")

    assert (elsewhere.status_code, gone.status_code, after.status_code) == (404, 204, 401)


async def test_password_given_ends_every_login(house: House):
    async with house.owner() as owner, await house.member("anna") as anna:
        weak = await owner.put("/api/users/anna/password", json={"password": "password1234"})
        still = await anna.get("/api/alerts")
        given = await owner.put("/api/users/anna/password", json={"password": "correct horse"})
        after = await anna.get("/api/alerts")
        async with house.client() as anybody:
            login = await anybody.post("/api/auth/login", json={"name": "anna", "password": "correct horse"})

    assert (weak.status_code, still.status_code) == (422, 200)
    assert "password1234" not in weak.text
    assert (given.status_code, after.status_code) == (204, 401)
    assert login.status_code == 200


async def test_account_nobody_has_is_not_found(house: House):
    async with house.owner() as owner:
        told = [
            await owner.get("/api/users/nobody/tokens"),
            await owner.post("/api/users/nobody/tokens", json=TOKEN),
            await owner.delete("/api/users/nobody/tokens/x"),
            await owner.put("/api/users/nobody/password", json={"password": "correct horse"}),
        ]

    assert [each.status_code for each in told] == [404] * 4


async def test_only_administrators_who_logged_in_may(tmp_path):
    async with open_house(tmp_path) as house, house.owner() as owner, await house.member("bob") as bob:
        made = (await owner.post("/api/users/admin/tokens", json=TOKEN | {"scopes": ["admin"]})).json()
        async with house.client(authorization=f"Bearer {made['token']}") as robot, house.client() as nobody:
            told = [
                (await each.get("/api/users/admin/tokens")).status_code
                for each in (owner, bob, robot, nobody)
            ]

    assert told == [200, 403, 403, 401]
