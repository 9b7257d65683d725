"""Settings and first run: who one is, how one gets in, what others may."""

from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page

from crypto_portfolio_analyzer.api import rights
from crypto_portfolio_analyzer.api.doors import Doors
from tests.api.house import open_house
from tests.dashboard.conftest import Theatre

SECRET = "correct horse battery"


async def test_first_run_sets_language_zone_and_password(tmp_path: Path, theatre: Theatre) -> None:
    async with open_house(tmp_path / "real", symbols=("BTC",)) as real:
        real.tick("BTC/USDT", 1.0)
        async with Theatre(real, theatre.browser).stage() as stage:
            page = stage.page
            await page.wait_for_url("**/setup")
            await page.click("text=Skip for now")
            await page.wait_for_url(real.url + "/")
            await page.goto(real.url + "/setup")
            await page.click("label:has-text('Deutsch')")
            await page.wait_for_selector("text=Willkommen, admin")
            await page.select_option("[name=zone]", "Asia/Tokyo")
            await page.wait_for_selector("text=Zeiten erscheinen in Asia/Tokyo")
            await page.fill("[name=password]", "short")
            weak = await page.inner_text(".strength")
            await page.fill("[name=password]", SECRET)
            strong = await page.inner_text(".strength")
            shown = await page.inner_text(".setup-form")
            await page.click("text=Speichern und zum Markt")
            await page.wait_for_url(real.url + "/")
            await page.wait_for_selector("text=Eingerichtet.")
            await page.reload()
            await page.wait_for_selector("#pill-dot.ok, #pill-dot.warning")
            at = page.url
        async with Theatre(real, theatre.browser).stage() as again:
            await again.page.wait_for_selector("html[lang=de]")

    assert "Zu kurz" in weak
    assert strong == "Stark"
    assert "Öffentliche Kurse" in shown
    assert at == real.url + "/"  # it does not come back once there is a password
    assert stage.complaints == []


async def test_a_simulated_market_shows_itself_before_any_form(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        await stage.page.wait_for_selector(".slots .row")

        assert stage.page.url == theatre.house.url + "/"


async def test_looks_follow_the_person_to_another_browser(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/settings/profile")
        before = await page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--up')")
        await page.click("text=Blue and orange")
        await page.wait_for_selector(".toast >> text=Saved")
        await page.click("label:has-text('Dark')")
        await page.select_option("[name=zone]", "Europe/Berlin")
        async with page.expect_response(lambda answer: '"letters":false' in (answer.request.post_data or "")):
            await page.uncheck("[name=letters]")
        after = await page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--up')")
    async with theatre.stage() as other:
        await other.page.wait_for_selector("html[data-colours=blue][data-theme=dark]")
        clock = await other.page.evaluate(
            "import('/static/js/format.js').then(({ clock }) => clock(Date.UTC(2026, 0, 2, 11)))"
        )
        await other.page.keyboard.press("n")
        stays = other.page.url

    assert before != after
    assert clock == "12:00:00"
    assert stays == theatre.house.url + "/"
    assert stage.complaints == []


async def test_a_second_factor_is_set_up_asked_for_and_removed(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/settings/security")
        await page.fill("[name=password]", SECRET)
        await page.click(".card:has([name=password]) >> text=Save")
        await page.wait_for_selector(".toast >> text=Saved")
        await page.click("text=Set up >> nth=-1")
        await page.wait_for_selector(".qr")
        drawn = await page.evaluate("document.querySelector('.qr').decode().then(() => true)")
        secret = await page.inner_text(".totp code")
        await page.fill("[name=code]", pyotp.TOTP(secret).now())
        await page.click("text=Switch on")
        await page.wait_for_selector(".card >> text=second factor on")
        complaints = list(stage.complaints)
        await log_out(page)
        await page.click("#account")
        await page.fill("dialog [name=password]", "something else entirely")
        await page.keyboard.press("Enter")
        await page.wait_for_selector("text=Name or password is not right.")
        await page.fill("dialog [name=password]", SECRET)
        await page.keyboard.press("Enter")
        await page.fill(
            "dialog [name=totp]", pyotp.TOTP(secret).at(theatre.house.app.clock.now() // 10**9 + 30)
        )
        await page.keyboard.press("Enter")
        await page.wait_for_selector("#account-name:text-is('admin')")

    assert drawn
    assert complaints == []


async def log_out(page: Page) -> None:
    await page.click("#account")
    await page.click("dialog >> text=Log out")
    await page.wait_for_selector("#account-name:text-is('Log in')")


async def test_another_login_is_seen_and_ended(theatre: Theatre) -> None:
    async with theatre.stage() as other, theatre.stage() as stage:
        await stage.open("/settings/security")
        await stage.page.wait_for_selector(".line:nth-child(2)")
        await stage.page.click(".line >> text=End")
        await stage.page.wait_for_selector(".toast >> text=The login has ended")
        await stage.page.wait_for_selector(".line:nth-child(2)", state="detached")
        await other.page.reload()
        await other.page.wait_for_selector("#account-name:text-is('Log in')")

    assert stage.complaints == []


async def test_a_login_that_ended_is_asked_for_again_and_the_refused_act_goes_on(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def look_away(_house: Doors) -> None:
        """Leave the socket open: the page is to hear of it by its own act."""

    monkeypatch.setattr(rights, "look_again", look_away)
    async with theatre.house.owner() as client:
        body = {"name": "far", "symbol": "BTC", "condition": "price > 99000"}
        made = (await client.post("/api/alerts", json=body)).json()
        async with theatre.stage() as stage:
            page = stage.page
            await stage.open(f"/alerts/{made['id']}")
            await page.wait_for_selector("[data-focus=turn]")
            app = theatre.house.app
            await app.accounts.set_password("admin", SECRET, app.clock.now())  # ends every login
            await page.click("[data-focus=turn]")
            await page.wait_for_selector("text=Your login has ended.")
            await page.fill("dialog [name=password]", SECRET)
            await page.keyboard.press("Enter")
            await page.wait_for_selector(".alert-head-state:has-text('paused')")
            found = (await client.get(f"/api/alerts/{made['id']}")).json()

    assert found["state"] == "paused"


async def test_too_many_wrong_passwords_say_how_long_to_wait(theatre: Theatre) -> None:
    async with theatre.stage(logged_in=False) as stage:
        page = stage.page
        await stage.open()
        await page.click("#account")
        wait = page.locator("text=Too many tries. Try again in")
        for number in range(30):
            await page.fill("dialog [name=password]", f"wrong password {number}")
            async with page.expect_response("**/api/auth/login") as answer:
                await page.keyboard.press("Enter")
            if (await answer.value).status != 401:
                break
        await wait.wait_for()
        is_disabled = await page.is_disabled("dialog .primary")

    assert is_disabled


async def test_a_token_is_shown_once_works_and_is_revoked_by_its_name(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/settings/tokens")
        await page.fill("[name=name]", "grafana")
        await page.click("text=Only some areas")
        await page.uncheck("input[value=read]")
        await page.check("input[value='market:read']")
        await page.click("form >> text=Create")
        await page.wait_for_selector(".once >> text=grafana")
        token = await page.inner_text(".once code")
        async with theatre.house.client(authorization=f"Bearer {token}") as client:
            may = (await client.get("/api/market/BTCUSDT")).status_code
            may_not = (await client.get("/api/alerts")).status_code
        await page.reload()
        await page.wait_for_selector(".line >> text=grafana")
        is_gone = token not in await page.content()
        await page.click(".line >> text=Revoke")
        before = await page.is_disabled("dialog .danger")
        await page.fill("dialog [name=typed]", "grafana")
        await page.click("dialog .danger")
        await page.wait_for_selector(".toast >> text=grafana is revoked")
        async with theatre.house.client(authorization=f"Bearer {token}") as client:
            after = (await client.get("/api/market/BTCUSDT")).status_code

    assert (may, may_not, after) == (200, 403, 401)
    assert is_gone
    assert before
    assert stage.complaints == []


async def test_a_user_is_added_comes_in_by_link_and_is_disabled(theatre: Theatre) -> None:
    async with theatre.stage() as stage, theatre.stage(logged_in=False) as guest:
        page = stage.page
        await stage.open("/settings/users")
        await page.fill("[name=name]", "anna")
        await page.select_option("form [name=role]", "reader")
        await page.click("form >> text=Add")
        link = await page.inner_text(".once code")
        await guest.page.goto(link)
        await guest.page.wait_for_selector("#account-name:text-is('anna')")
        await guest.page.goto(theatre.house.url + "/settings/profile")
        await guest.page.wait_for_selector(".radios")
        sections = await guest.page.inner_text(".settings-nav")
        await page.select_option(".line.user:has-text('anna') select", "trader")
        await page.wait_for_selector(".toast >> text=anna is changed")
        await page.click(".line.user:has-text('anna') >> text=Disable")
        await page.fill("dialog [name=typed]", "anna")
        await page.click("dialog .danger")
        await page.wait_for_selector(".line.user:has-text('anna'):has-text('disabled')")
        await guest.page.reload()
        await guest.page.wait_for_selector("#account-name:text-is('Log in')")

    assert "Users" not in sections
    assert stage.complaints == []


async def test_a_silence_says_whom_it_mutes_and_is_ended_early(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        for name in ("near", "far"):
            price = 65_100 if name == "near" else 99_000
            body = {"name": name, "symbol": "BTC", "condition": f"price > {price}"}
            await client.post("/api/alerts", json=body)
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/settings/silences")
        await page.fill("[name=value]", "BTC/*")
        await page.wait_for_selector("text=Mutes 2 alerts, 1 of them armed within 1% of the price.")
        await page.fill("[name=comment]", "dinner")
        await page.click("form >> text=Silence")
        await page.click(".line:has-text('dinner') >> text=End now")
        await page.wait_for_selector("text=Nothing is silenced.")

    assert stage.complaints == []


async def test_the_audit_log_is_filtered_and_verified(theatre: Theatre) -> None:
    async with theatre.house.owner() as client:
        body = {"name": "seen in the log", "symbol": "BTC", "condition": "price > 99000"}
        await client.post("/api/alerts", json=body)
    async with theatre.stage() as stage:
        page = stage.page
        await stage.open("/settings/audit")
        await page.wait_for_selector("td:has-text('alert.created')")
        await page.click("text=Verify the chain")
        await page.wait_for_selector("text=none changed, removed or added")
        await page.fill("[name=actor]", "nobody")
        await page.click("text=Filter")
        await page.wait_for_selector("text=No entry fits.")

    assert "actor=nobody" in page.url
    assert stage.complaints == []
