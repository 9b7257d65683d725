"""`/api/bots`: channels that trade, and what they would be sent."""

from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import House
from tests.api.routes.test_channels import make_channel


async def test_only_channels_that_trade_are_bots(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client, await telling.member("anna") as anna:
        await make_channel(client, receiver, name="reader")
        made = await make_channel(client, receiver, name="trader", policy="trade", ttl_seconds=30)
        bots = (await client.get("/api/bots")).json()["bots"]
        hers = (await anna.get("/api/bots")).json()["bots"]

    assert [(each["id"], each["trades"]) for each in bots] == [(made["id"], True)]
    assert hers == []


async def test_a_preview_shows_what_a_bot_would_be_sent_and_sends_nothing(
    telling: House, receiver: WebhookReceiver
) -> None:
    alert = {"name": "buy", "symbol": "BTC/USDT", "condition": "price > 60000", "tags": ["buy"]}
    async with telling.owner() as client, await telling.member("anna") as anna:
        await make_channel(client, receiver, name="trader", policy="trade")
        asked = {"channel": "trader", "alert": alert}
        told = (await client.post("/api/bots/preview", json=asked)).json()
        hers = await anna.post("/api/bots/preview", json=asked)

    assert told["data"]
    assert hers.status_code == 404
    assert not receiver.received
