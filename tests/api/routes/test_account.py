"""One's own account: where one is logged in, the second factor, how the page looks."""

import pyotp

from tests.api.credentials import bearer
from tests.api.house import House
from tests.fakes import SECOND


async def test_logins_are_listed_and_ended_one_by_one(house: House) -> None:
    first, second = await house.login("anna"), await house.login("anna")
    async with house.client(**bearer(first)) as here, house.client(**bearer(second)) as there:
        listed = (await here.get("/api/auth/sessions")).json()["sessions"]
        other = next(each["id"] for each in listed if not each["current"])
        gone = await here.delete(f"/api/auth/sessions/{other}")
        again = await here.delete(f"/api/auth/sessions/{other}")
        statuses = [(await client.get("/api/alerts")).status_code for client in (here, there)]

    assert [each["current"] for each in listed].count(True) == 1
    assert (gone.status_code, again.status_code) == (204, 404)
    assert statuses == [200, 401]


async def test_a_new_password_ends_the_other_logins(house: House) -> None:
    first, second = await house.login("anna"), await house.login("anna")
    async with house.client(**bearer(first)) as here, house.client(**bearer(second)) as there:
        await here.put("/api/auth/password", json={"password": "twelve unusual words"})
        statuses = [(await client.get("/api/alerts")).status_code for client in (here, there)]

    assert statuses == [200, 401]


async def test_a_second_factor_is_begun_confirmed_and_dropped(house: House) -> None:
    async with await house.member("anna") as anna:
        begun = (await anna.post("/api/auth/totp")).json()
        totp, at = pyotp.TOTP(begun["secret"]), house.app.clock.now() // SECOND
        before = (await anna.get("/api/auth/me")).json()["totp"]
        wrong = await anna.post("/api/auth/totp/confirm", json={"code": totp.at(at + 3600)})
        right = await anna.post("/api/auth/totp/confirm", json={"code": totp.at(at - 30)})
        asked = (await anna.get("/api/auth/me")).json()["totp"]
        another = await anna.post("/api/auth/totp")
        used = await anna.request("DELETE", "/api/auth/totp", json={"code": totp.at(at - 30)})
        dropped = await anna.request("DELETE", "/api/auth/totp", json={"code": totp.at(at)})
        after = (await anna.get("/api/auth/me")).json()["totp"]

    assert begun["uri"].startswith("otpauth://totp/")
    assert begun["qr"].startswith("<svg")
    assert (before, asked, after) == (False, True, False)
    assert (wrong.status_code, right.status_code, another.status_code) == (403, 204, 422)
    assert (used.status_code, dropped.status_code) == (403, 204)


async def test_codes_cannot_be_guessed_by_trying(house: House) -> None:
    async with await house.member("anna") as anna:
        await anna.post("/api/auth/totp")
        tries = [await anna.post("/api/auth/totp/confirm", json={"code": f"{n:06}"}) for n in range(7)]

    assert [answer.status_code for answer in tries][-1] == 429
    assert {answer.status_code for answer in tries} == {403, 429}


async def test_preferences_are_kept_and_canonical(house: House) -> None:
    async with await house.member("anna") as anna, await house.member("bert") as bert:
        defaults = (await anna.get("/api/auth/preferences")).json()
        wanted = {"language": "de", "zone": "Europe/Berlin", "starred": ["btc-usdt", "BTC/USDT", "ETH"]}
        put = (await anna.put("/api/auth/preferences", json=wanted)).json()
        kept = (await anna.get("/api/auth/preferences")).json()
        others = (await bert.get("/api/auth/preferences")).json()
        nowhere = await anna.put("/api/auth/preferences", json={"zone": "Moon/Crater"})

    assert kept == put == defaults | wanted | {"starred": ["BTC/USDT", "ETH/USDT"]}
    assert others == defaults
    assert nowhere.status_code == 422
