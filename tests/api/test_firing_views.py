"""Firings as they are shown: with what became of them, and who has seen them first."""

from tests.api.house import House
from tests.api.routes.test_alerts import fired, make


async def test_a_firing_is_seen_once_by_whoever_says_so_first(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        await make(client)
        house.tick("BTC/USDT", 61_000.0)
        [firing] = await fired(client)
        first = (await client.post(f"/api/firings/{firing['id']}/seen")).json()
        again = (await client.post(f"/api/firings/{firing['id']}/seen")).json()
        hers = await anna.post(f"/api/firings/{firing['id']}/seen")
        unknown = await client.post("/api/firings/x/seen")
        [listed] = (await client.get("/api/firings")).json()["firings"]

    assert (firing["seen_at"], firing["seen_by"]) == (None, None)
    assert first["seen_by"] == "admin"
    assert firing["stored_at"] <= first["seen_at"]
    assert again == first == listed
    assert {hers.status_code, unknown.status_code} == {404}


async def test_what_nobody_is_told_of_has_no_deliveries(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        house.tick("BTC/USDT", 61_000.0)
        [firing] = await fired(client)
        history = (await client.get(f"/api/alerts/{made['id']}/history")).json()

    assert firing["deliveries"] == []
    assert history["firings"] == [firing]
