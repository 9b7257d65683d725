"""`/api/stats`."""

from tests.api.house import House
from tests.api.routes.test_alerts import fired, make


async def test_alerts_and_feeds_are_counted(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        await make(client)
        await make(client, name="eth", symbol="ETH/USDT")
        house.tick("BTC/USDT", 61_000.0)
        await fired(client)
        told = (await client.get("/api/stats")).json()
        others = (await anna.get("/api/stats")).json()

    alerts = told["alerts"]
    assert (alerts["total"], alerts["fired"], alerts["fired_24h"], alerts["fired_30d"]) == (2, 1, 1, 1)
    assert alerts["by_state"]["done"] == 1
    assert sum(alerts["by_state"].values()) == 2
    assert alerts["monitoring"] is True
    assert told["feeds"]["watches"] == len(house.app.feeds.watches())
    assert (others["alerts"]["total"], others["alerts"]["fired"]) == (0, 0)
