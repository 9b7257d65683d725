"""S0's GPT alerts: three questions, each asked once, in that document's words."""

from typing import Any

import httpx2
import pytest

from tests.api.house import House
from tests.api.routes.test_alerts import fired, make

BELOW: dict[str, Any] = {"symbol": "BTCUSDT", "target_price": 115000, "description": "Bitcoin Drop Alert"}


async def below(client: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    return await client.post("/gpt-alerts/price-below", params={**BELOW, **changes})


async def test_s0s_own_request_works(house: House) -> None:
    async with house.owner() as client:
        answer = await client.post(
            "/gpt-alerts/price-below?symbol=BTCUSDT&target_price=115000&description=Bitcoin%20Drop%20Alert"
        )
        told = answer.json()
        [listed] = (await client.get("/gpt-alerts/list")).json()
        one = (await client.get(f"/gpt-alerts/alert/{told['alert_id']}")).json()

    assert answer.status_code == 200
    assert (told["status"], bool(told["message"])) == ("success", True)
    assert listed.pop("created_at").endswith("Z")
    assert one.pop("created_at").endswith("Z")
    assert (
        listed
        == one
        == {
            "id": told["alert_id"],
            "symbol": "BTCUSDT",
            "alert_type": "price_below",
            "target_price": 115000.0,
            "description": "Bitcoin Drop Alert",
            "triggered": False,
        }
    )


@pytest.mark.parametrize(
    ("alert_type", "before", "at"),
    [
        ("price_above", 114_999.0, 115_000.0),
        ("price_below", 115_001.0, 115_000.0),
        ("breakout", 115_000.0, 115_000.01),
    ],
)
async def test_each_type_fires_once_at_its_level(
    house: House, alert_type: str, before: float, at: float
) -> None:
    async with house.owner() as client:
        body = {"symbol": "btcusdt", "alert_type": alert_type, "target_price": 115000}
        made = (await client.post("/gpt-alerts/create", json=body)).json()
        for price in (before, at, before, at):
            house.tick("BTC/USDT", price)
        [firing] = await fired(client)
        [listed] = (await client.get("/gpt-alerts/list")).json()

    assert (firing["alert_id"], float(firing["price"])) == (made["alert_id"], at)
    assert (listed["triggered"], listed["alert_type"]) == (True, alert_type)


async def test_a_level_that_is_reached_already_fires_at_once(house: House) -> None:
    house.tick("BTC/USDT", 50_000.0)
    async with house.owner() as client:
        await below(client)
        house.tick("BTC/USDT", 50_001.0)
        firings = await fired(client)

    assert len(firings) == 1


async def test_the_short_forms_take_the_query(house: House) -> None:
    async with house.owner() as client:
        above = await client.post("/gpt-alerts/price-above?symbol=BTCUSDT&target_price=0.00000123")
        breakout = await client.post("/gpt-alerts/breakout?symbol=ETHUSDT&resistance_level=4000")
        listed = (await client.get("/gpt-alerts/list")).json()

    assert (above.status_code, breakout.status_code) == (200, 200)
    assert [(each["symbol"], each["alert_type"], each["target_price"]) for each in listed] == [
        ("BTCUSDT", "price_above", 0.00000123),
        ("ETHUSDT", "breakout", 4000.0),
    ]
    assert listed[0]["description"] == ""


async def test_stats_count_what_is_at_work_and_nothing_zero(house: House) -> None:
    async with house.owner() as client:
        await below(client, target_price=1)
        await below(client, target_price=2)
        await below(client, symbol="ETHUSDT", target_price=10_000)
        house.tick("BTC/USDT", 50_000.0)
        house.tick("ETH/USDT", 4_000.0)
        await fired(client)
        told = (await client.get("/gpt-alerts/stats")).json()

    assert told == {"total_active": 2, "by_symbol": {"BTCUSDT": 2}, "price_cache": {"BTCUSDT": 50_000.0}}


async def test_a_deleted_alert_is_gone_and_an_unknown_one_is_404(house: House) -> None:
    async with house.owner() as client:
        made = (await below(client)).json()
        path = f"/gpt-alerts/delete/{made['alert_id']}"
        deleted, again = await client.delete(path), await client.delete(path)
        unknown = [await client.delete("/gpt-alerts/delete/x"), await client.get("/gpt-alerts/alert/x")]
        listed = (await client.get("/gpt-alerts/list")).json()

    assert (deleted.status_code, deleted.json()["status"], bool(deleted.json()["message"])) == (
        200,
        "success",
        True,
    )
    assert {each.status_code for each in (again, *unknown)} == {404}
    assert listed == []


async def test_the_same_question_is_not_asked_twice_at_once_but_again_when_it_was_answered(
    house: House,
) -> None:
    async with house.owner() as client:
        made = (await below(client)).json()
        twice = await below(client)
        house.tick("BTC/USDT", 100_000.0)
        await fired(client)
        again = (await below(client)).json()
        house.tick("BTC/USDT", 99_000.0)
        firings = await fired(client, 2)
        [listed] = (await client.get("/gpt-alerts/list")).json()

    assert (twice.status_code, twice.json()["alert_id"]) == (409, made["alert_id"])
    assert again["alert_id"] == made["alert_id"] == listed["id"]
    assert len(firings) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"target_price": "0"},
        {"target_price": "-5"},
        {"target_price": "nan"},
        {"target_price": "inf"},
        {"target_price": "1e400"},
        {"target_price": "much"},
        {"target_price": ""},
        {"symbol": ""},
        {"symbol": "?!"},
        {"symbol": "B" * 80},
        {"description": "x" * 5000},
    ],
)
async def test_what_cannot_be_meant_is_refused(house: House, changes: dict[str, Any]) -> None:
    async with house.owner() as client:
        answer = await below(client, **changes)
        listed = (await client.get("/gpt-alerts/list")).json()

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].removeprefix("query.") in {*changes, "message"}
    assert listed == []


async def test_an_unknown_type_is_named(house: House) -> None:
    async with house.owner() as client:
        body = {"symbol": "BTCUSDT", "alert_type": "moon", "target_price": 1}
        answer = await client.post("/gpt-alerts/create", json=body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "alert_type"


async def test_alerts_of_other_doors_are_listed_if_they_ask_the_same(house: House) -> None:
    async with house.owner() as client:
        plain = await make(client, condition="price >= 70000")
        other = await make(client, name="other", condition="rsi(14) on 1h < 30")
        listed = (await client.get("/gpt-alerts/list")).json()
        hidden = await client.get(f"/gpt-alerts/alert/{other['id']}")

    assert [(each["id"], each["alert_type"]) for each in listed] == [(plain["id"], "price_above")]
    assert hidden.status_code == 404


async def test_the_system_is_tested(house: House) -> None:
    async with house.owner() as client:
        told = (await client.post("/gpt-alerts/test-system")).json()
        await client.post("/live-alerts/stop-monitoring")
        off = (await client.post("/gpt-alerts/test-system")).json()

    assert {"database", "monitoring"} <= {each["name"] for each in told["checks"]}
    assert told["message"]
    assert off["status"] == "degraded"


async def test_the_information_names_every_endpoint(house: House) -> None:
    async with house.owner() as client:
        told = (await client.get("/gpt-alerts/")).json()

    assert set(told["alert_types"]) == {"price_above", "price_below", "breakout"}
    assert "POST /gpt-alerts/create" in told["endpoints"]


async def test_one_owner_never_sees_anothers(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        made = (await below(client)).json()
        asked = [
            await anna.get(f"/gpt-alerts/alert/{made['alert_id']}"),
            await anna.delete(f"/gpt-alerts/delete/{made['alert_id']}"),
        ]
        listed = (await anna.get("/gpt-alerts/list")).json()
        stats = (await anna.get("/gpt-alerts/stats")).json()
        own = await below(anna)

    assert {each.status_code for each in asked} == {404}
    assert listed == []
    assert stats == {"total_active": 0, "by_symbol": {}, "price_cache": {}}
    assert own.status_code == 200, "another's alert takes no name away"


async def test_an_api_key_header_is_enough(house: House) -> None:
    async with house.client(**{"x-api-key": house.token}) as client:
        answer = await client.get("/gpt-alerts/list")

    assert answer.status_code == 200
