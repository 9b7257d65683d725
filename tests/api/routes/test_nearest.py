"""`/api/nearest`: for each symbol the one armed alert that is closest to flipping."""

from typing import Any

import pytest

from crypto_portfolio_analyzer.api.routes import nearest
from crypto_portfolio_analyzer.api.routes.nearest import NearView, score
from tests.api.house import House
from tests.api.routes.test_alerts import make


async def told(client: Any) -> dict[str, dict[str, Any]]:
    answer = (await client.get("/api/nearest")).json()
    return {each["symbol"]: each for each in answer["nearest"]}


async def test_of_several_levels_the_nearest_is_told(house: House) -> None:
    house.tick("BTC/USDT", 65_000.0)
    async with house.owner() as client:
        for level in (70_000, 65_650, 60_000):
            await make(client, name=f"to {level}", condition=f"price crosses {level}")
        house.tick("BTC/USDT", 65_000.0)
        near = (await told(client))["BTC/USDT"]

    assert (near["name"], near["kind"], near["need"], near["alerts"]) == ("to 65650", "price", 65_650.0, 3)
    assert near["distance"] == 650.0
    assert near["percent"] == pytest.approx(1.0)


async def test_of_a_whole_condition_the_question_that_is_missing_is_told(house: House) -> None:
    house.tick("BTC/USDT", 65_000.0)
    async with house.owner() as client:
        await make(client, condition="price > 60000 and price < 64000")
        house.tick("BTC/USDT", 65_000.0)
        near = (await told(client))["BTC/USDT"]

    assert (near["text"], near["need"], near["distance"]) == ("price < 64000", 64_000.0, 1_000.0)


async def test_a_move_is_told_in_percent_of_the_price(house: House) -> None:
    now = house.app.clock.now()
    async with house.owner() as client:
        await make(client, condition="price moves by 3% in 15m")
        house.tick("BTC/USDT", 100.0, at=now)
        near = (await told(client))["BTC/USDT"]

    assert near["kind"] == "move"


async def test_paused_alerts_and_those_of_others_are_not_told(house: House) -> None:
    house.tick("BTC/USDT", 65_000.0)
    async with house.owner() as client, await house.member("anna") as anna:
        made = await make(client, condition="price > 70000")
        assert list(await told(client)) == ["BTC/USDT"]
        assert await told(anna) == {}
        await client.post(f"/api/alerts/{made['id']}/pause")

        assert await told(client) == {}


async def test_a_level_of_the_price_comes_before_the_smallest_move(house: House) -> None:
    house.tick("BTC/USDT", 65_000.0)
    async with house.owner() as client:
        await make(client, name="moves", condition="price moves by 0.01% in 10s")
        await make(client, name="level", condition="price > 70000")
        [near] = (await client.get("/api/nearest")).json()["nearest"]

    assert (near["name"], near["kind"], near["alerts"]) == ("level", "price", 2)


async def test_more_pairs_than_one_answer_takes_are_said_to_be_left_out(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nearest, "MOST", 1)
    async with house.owner() as client:
        for number in range(3):
            await make(client, name=f"a{number}", condition="price > 70000")
        answer = (await client.get("/api/nearest")).json()

    assert (len(answer["nearest"]), answer["complete"]) == (1, False)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"percent": 0.8, "distance": 500.0}, 0.8),
        ({"distance": 4.1, "need": 30.0}, 100 * 4.1 / 30),
        ({"distance": 4.1, "need": 0.0}, 4.1),
        ({}, float("inf")),
    ],
    ids=["percent", "share of the need", "no unit", "unknown"],
)
def test_nearness_has_one_scale(values: dict[str, float], expected: float) -> None:
    blank = dict.fromkeys(("value", "need", "distance", "percent"))
    near = NearView(
        symbol="A", alert_id="1", name="a", kind="other", text="x", alerts=1, **{**blank, **values}
    )

    assert score(near) == pytest.approx(expected)
