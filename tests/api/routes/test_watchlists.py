"""`/api/watchlists`: symbols under one name."""

import pytest

from tests.api.house import House
from tests.api.routes.test_alerts import fired, make


async def test_an_alert_stands_on_every_symbol_of_a_watchlist(house: House) -> None:
    async with house.owner() as client:
        put = (await client.put("/api/watchlists/majors", json={"symbols": ["btc", "ETHUSDT"]})).json()
        read = (await client.get("/api/watchlists/majors")).json()
        made = await make(client, symbol=None, watchlist="majors", condition="price > 1000")
        house.tick("ETH/USDT", 2_000.0)
        [firing] = await fired(client)

    assert put == read == {"name": "majors", "symbols": ["BTC/USDT", "ETH/USDT"]}
    assert made["watchlist"] == "majors"
    assert (firing["alert_id"], firing["symbol"]) == (made["id"], "ETH/USDT")


async def test_all_of_ones_own_are_listed(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        for name, symbols in {"z": ["btc"], "a": ["ETHUSDT", "BTC"]}.items():
            await client.put(f"/api/watchlists/{name}", json={"symbols": symbols})
        listed = (await client.get("/api/watchlists")).json()["watchlists"]
        others = (await anna.get("/api/watchlists")).json()["watchlists"]

    assert [(each["name"], each["symbols"]) for each in listed] == [
        ("a", ["ETH/USDT", "BTC/USDT"]),
        ("z", ["BTC/USDT"]),
    ]
    assert others == []


async def test_a_watchlist_is_deleted_once(house: House) -> None:
    async with house.owner() as client:
        await client.put("/api/watchlists/majors", json={"symbols": ["BTC"]})
        answers = [await client.delete("/api/watchlists/majors") for _ in range(2)]
        gone = await client.get("/api/watchlists/majors")

    assert [each.status_code for each in (*answers, gone)] == [204, 404, 404]


async def test_one_owner_never_sees_anothers(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        await client.put("/api/watchlists/majors", json={"symbols": ["BTC"]})
        seen = [await anna.get("/api/watchlists/majors"), await anna.delete("/api/watchlists/majors")]
        own = await anna.put("/api/watchlists/majors", json={"symbols": ["ETH"]})
        still = (await client.get("/api/watchlists/majors")).json()

    assert [each.status_code for each in seen] == [404, 404]
    assert own.status_code == 200
    assert still["symbols"] == ["BTC/USDT"]


@pytest.mark.parametrize("body", [{"symbols": []}, {"symbols": ["?!"]}, {}, {"symbols": "BTC"}])
async def test_what_no_watchlist_holds_is_refused(house: House, body: dict[str, object]) -> None:
    async with house.owner() as client:
        answer = await client.put("/api/watchlists/majors", json=body)

    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["%00", "a" * 65, "none"])
async def test_names_that_are_none_are_404(house: House, name: str) -> None:
    async with house.owner() as client:
        answer = await client.get(f"/api/watchlists/{name}")

    assert answer.status_code == 404
