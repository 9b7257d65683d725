"""The channels of a demo take what fires, from its first run and in every later one."""

from typing import Any

from crypto_portfolio_analyzer.cli.demo_channels import ALLOWED, BROWSER, RECEIVER, add_channels
from crypto_portfolio_analyzer.settings.reading import load
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from crypto_portfolio_analyzer.storage.accounts import LOCAL_ADMIN
from tests.api.house import open_house, until

LOOPBACK: dict[str, Any] = {"webhooks": load(ALLOWED, env={}).webhooks}


async def test_a_fresh_demo_tells_the_page_and_the_receiver(tmp_path):
    async with WebhookReceiver() as receiver, open_house(tmp_path, **LOOPBACK) as house:
        made = await add_channels(house.app, receiver)
        async with house.owner() as client:
            await client.post("/api/alerts", json={"name": "a", "symbol": "BTC", "condition": "price > 1"})
            house.tick("BTC/USDT", 61_000.0)
            await receiver.wait(1)

            async def told() -> Any:
                found = (await client.get("/api/firings")).json()["firings"]
                states = {each["channel"]["name"]: each["state"] for each in found[0]["deliveries"]}
                return states if set(states.values()) == {"delivered"} else None

            states = await until(told)

    assert [(each.name, each.is_default) for each in made] == [(BROWSER, True), (RECEIVER, True)]
    assert set(states) == {BROWSER, RECEIVER}
    assert (sum(receiver.keys.values()), receiver.violations) == (1, {})


async def test_a_later_demo_finds_its_receiver_somewhere_else(tmp_path):
    async with open_house(tmp_path, **LOOPBACK) as house:
        async with WebhookReceiver() as first:
            before = await add_channels(house.app, first)
        async with WebhookReceiver() as second:
            after = await add_channels(house.app, second)
            tested = await house.app.delivery.test(LOCAL_ADMIN, RECEIVER)

    assert [each.id for each in after] == [each.id for each in before]
    assert tested.delivery.state == "delivered"
    assert second.violations == {}


async def test_a_channel_that_was_removed_stays_away(tmp_path):
    async with open_house(tmp_path, **LOOPBACK) as house, WebhookReceiver() as receiver:
        made = await add_channels(house.app, receiver)
        await house.app.delivery.remove_channel(LOCAL_ADMIN, made[1].id, actor=LOCAL_ADMIN)

        assert [each.name for each in await add_channels(house.app, receiver)] == [BROWSER]
