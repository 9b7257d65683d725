"""`/api/audit`: who did what to what, and whether it is whole."""

from sqlalchemy import text

from tests.api.house import House

ALERT = {"name": "high", "symbol": "BTC/USDT", "condition": "price > 60000"}


async def test_everybody_sees_the_own_acts_and_administrators_all(house: House) -> None:
    async with await house.member("anna") as anna, await house.member("bert") as bert, house.owner() as owner:
        made = (await anna.post("/api/alerts", json=ALERT)).json()
        hers = (await anna.get("/api/audit")).json()["entries"]
        his = (await bert.get("/api/audit")).json()["entries"]
        his_of_hers = (await bert.get("/api/audit", params={"actor": "anna"})).json()["entries"]
        everything = (await owner.get("/api/audit", params={"subject": made["id"]})).json()["entries"]

    assert {each["actor"] for each in hers} == {"anna"}
    assert {each["actor"] for each in his} == {"bert"}
    assert his_of_hers == []
    assert [(each["actor"], each["action"]) for each in everything] == [("anna", "alert.created")]
    assert everything[0]["hash"]


async def test_entries_come_in_pages_and_by_filter(house: House) -> None:
    async with await house.member("anna") as anna:
        for number in range(3):
            await anna.post("/api/alerts", json=ALERT | {"name": f"alert {number}"})
        first = (await anna.get("/api/audit", params={"action": "alert", "limit": 2})).json()
        rest = (
            await anna.get("/api/audit", params={"action": "alert", "cursor": first["next_cursor"]})
        ).json()
        late = (await anna.get("/api/audit", params={"since": "2200-01-01T00:00:00Z"})).json()

    assert (len(first["entries"]), len(rest["entries"]), rest["next_cursor"]) == (2, 1, None)
    assert late["entries"] == []


async def test_what_was_tampered_with_is_found(house: House) -> None:
    async with house.owner() as owner:
        await owner.post("/api/alerts", json=ALERT)
        whole = (await owner.get("/api/audit/verify")).json()
        newest = (await owner.get("/api/audit", params={"action": "alert.created"})).json()["entries"][0]
        async with house.app.database.writing() as connection:
            await connection.execute(
                text("update audit set subject = 'x' where seq = :seq"), {"seq": newest["seq"]}
            )
        broken = (await owner.get("/api/audit/verify")).json()

    assert (whole["ok"], whole["broken_at"]) == (True, None)
    assert (broken["ok"], broken["broken_at"]) == (False, newest["seq"])


async def test_a_refresh_token_shown_twice_ends_the_login_and_is_recorded(house: House) -> None:
    accounts, now = house.app.accounts, house.app.clock.now()
    await accounts.add_user("anna", "trader", now)
    session, secret = await accounts.open_session("anna", now)
    async with house.client() as client, house.owner() as owner:
        fresh = (await client.post("/api/auth/refresh", json={"refresh_token": secret})).json()
        thief = await client.post("/api/auth/refresh", json={"refresh_token": secret})
        victim = await client.post("/api/auth/refresh", json={"refresh_token": fresh["refresh_token"]})
        told = (await owner.get("/api/audit", params={"action": "login.reused"})).json()["entries"]

    assert (thief.status_code, victim.status_code) == (401, 401)
    assert [(each["subject"], each["details"]) for each in told] == [(session, {"user": "anna"})]
