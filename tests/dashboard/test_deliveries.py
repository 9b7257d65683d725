"""Deliveries and channels on the page: a channel is made and tried, told of a firing, and told again."""

import json
from pathlib import Path

from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.dashboard.conftest import PHONE, Theatre


async def test_a_channel_is_made_tried_told_and_told_again(
    theatre: Theatre, receiver: WebhookReceiver, pictures: Path
) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await page.keyboard.press("g")
        await page.keyboard.press("k")
        await page.wait_for_selector("text=No channel yet.")
        await page.select_option("[data-p=type]", "webhook")
        await page.fill("[data-p=name]", "my service")
        await page.fill("[name=url]", receiver.hook_url)
        await page.click("[data-p=form] >> button:has-text('Create')")
        await page.wait_for_selector("text=The signing secret, shown this once:")
        secret = await page.inner_text("[data-p=secretText]")
        receiver.secrets.append(secret)
        await page.click(".channel >> text=Test")
        await page.wait_for_selector(".channel >> text=arrived")
        await page.screenshot(path=pictures / "channels.png")
        await page.keyboard.press("n")
        await page.fill("[data-p=symbol]", "BTC/USDT")
        await page.fill("textarea", "price > 65000")
        await page.fill("[data-p=name]", "btc over 65000")
        await page.wait_for_selector("text=True now: it fires at once.")
        await page.wait_for_selector(".tell input:checked")
        await page.click("[data-p=create]")
        await page.click(".toast >> text=Evidence")
        await page.wait_for_selector(".told-list >> text=my service")
        await receiver.wait(2)
        await page.keyboard.press("g")
        await page.keyboard.press("d")
        await page.click(".delivery:has-text('BTC/USDT') >> a")
        await page.wait_for_selector(".attempts >> text=accepted")
        await page.screenshot(path=pictures / "deliveries.png")
        await page.click(".sheet >> text=Redeliver")
        await page.wait_for_selector("text=It is sent again, under the same key")
        await receiver.wait(3)

    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert secret.startswith("whsec_")
    assert ids[1] == ids[2] != ids[0]
    assert [json.loads(each.body)["type"] for each in receiver.received] == [
        "channel.test",
        "alert.fired",
        "alert.fired",
    ]
    assert stage.complaints == []


async def test_what_a_channel_wants_is_said_beside_the_form(theatre: Theatre) -> None:
    async with theatre.stage() as stage:
        page = stage.page
        await page.goto(theatre.house.url + "/channels")
        await page.wait_for_selector("[name=url]")
        await page.fill("[name=url]", "http://10.0.0.1/hook")
        await page.click("[data-p=form] >> button:has-text('Create')")
        await page.wait_for_selector("[data-p=error]:has-text('url')")
        told = await page.inner_text("[data-p=error]")

    assert "not public" in told
    assert "operator" in told
    assert not [each for each in stage.complaints if "422" not in each]


async def test_deliveries_and_channels_fit_a_phone_and_speak_german(
    theatre: Theatre, receiver: WebhookReceiver, pictures: Path
) -> None:
    async with theatre.house.owner() as client:
        body = {"type": "webhook", "name": "Mein Dienst", "url": receiver.hook_url}
        made = (await client.post("/api/channels", json=body)).json()
        receiver.secrets.append(made["secret"])
        await client.post(f"/api/channels/{made['id']}/test")
    async with theatre.stage(viewport=PHONE, has_touch=True, locale="de-DE") as stage:
        page = stage.page
        for path, words in (("/deliveries", "zugestellt"), ("/channels", "Mein Dienst")):
            await page.goto(theatre.house.url + path)
            await page.wait_for_selector(f"li >> text={words}")
            width = await page.evaluate("document.documentElement.scrollWidth")
            await page.screenshot(path=pictures / f"phone{path.replace('/', '-')}.png")
            assert width <= PHONE["width"]

    assert stage.complaints == []


async def test_the_system_page_shows_how_long_each_step_of_an_alert_takes(
    theatre: Theatre, receiver: WebhookReceiver, pictures: Path
) -> None:
    async with theatre.house.owner() as client:
        body = {"type": "webhook", "name": "hook", "url": receiver.hook_url}
        made = (await client.post("/api/channels", json=body)).json()
        receiver.secrets.append(made["secret"])
        alert = {"name": "a", "symbol": "BTC", "condition": "price > 65000", "channels": ["hook"]}
        await client.post("/api/alerts", json=alert)
        await receiver.wait(1)
    async with theatre.stage() as stage:
        page = stage.page
        await page.goto(theatre.house.url + "/system")
        row = page.locator('tr:has-text("To the other end\'s yes")')
        await row.locator("text=ms").first.wait_for()
        await page.screenshot(path=pictures / "system.png", full_page=True)

    assert stage.complaints == []
