"""`/api/silences`: what matches is judged and stored, and nobody is told."""

from typing import Any

import pytest

from tests.api.house import House, until
from tests.api.routes.test_alerts import fired, make

HOUR = {"matchers": {"symbol": "BTC/USDT"}, "duration_seconds": 3600}


async def test_a_silence_begins_now_and_is_listed(house: House) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/silences", json={**HOUR, "comment": "asleep"})
        made = answer.json()
        listed = (await client.get("/api/silences")).json()["silences"]
        one = (await client.get(f"/api/silences/{made['id']}")).json()

    assert answer.status_code == 201
    assert (made["matchers"], made["comment"], made["active"]) == ({"symbol": "BTC/USDT"}, "asleep", True)
    assert made["starts_at"] == made["created_at"] < made["ends_at"]
    assert listed == [made]
    assert one == made


async def test_a_silenced_alert_is_swallowed_until_the_silence_ends(house: House) -> None:
    async with house.owner() as client:
        made = await make(client, trigger="every_time")
        silence = (await client.post("/api/silences", json=HOUR)).json()
        house.tick("BTC/USDT", 61_000.0)

        async def swallowed() -> Any:
            return (await client.get(f"/api/alerts/{made['id']}/history")).json()["suppressed"]

        [one] = await until(swallowed)
        ended = await client.delete(f"/api/silences/{silence['id']}")
        house.tick("BTC/USDT", 59_000.0)
        house.tick("BTC/USDT", 62_000.0)
        firings = await fired(client)
        listed = (await client.get("/api/silences")).json()["silences"]

    assert "silence" in one["reason"]
    assert ended.status_code == 204
    assert [each["price"] for each in firings] == ["62000"]
    assert listed == []


async def test_a_silence_may_begin_later(house: House) -> None:
    later = {
        "matchers": {"tag": "swing", "severity": "*"},
        "starts_at": "2100-01-01T00:00:00",
        "ends_at": "2100-01-02T00:00:00+00:00",
    }
    async with house.owner() as client:
        far = await client.post("/api/silences", json=later)

    assert far.status_code == 422, "a year is the most"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"matchers": {}}, "matchers"),
        ({"matchers": {"colour": "red"}}, "matchers.colour"),
        ({"matchers": {"symbol": ""}}, "matchers.symbol"),
        ({"matchers": {"symbol": "a\x00"}}, "body.matchers.symbol"),
        ({"duration_seconds": None}, "ends_at"),
        ({"ends_at": "2001-01-01T00:00:00Z", "duration_seconds": None}, "ends_at"),
        ({"ends_at": "2100-01-01T00:00:00Z"}, "ends_at"),
        ({"duration_seconds": -1}, "body.duration_seconds"),
        ({"duration_seconds": 1e12}, "body.duration_seconds"),
        ({"starts_at": "soon"}, "body.starts_at"),
    ],
)
async def test_silences_that_cannot_be_meant_are_refused(
    house: House, changes: dict[str, Any], path: str
) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/silences", json={**HOUR, **changes})
        listed = (await client.get("/api/silences")).json()["silences"]

    assert answer.status_code == 422
    assert path in [fault["path"] for fault in answer.json()["errors"]]
    assert listed == []


async def test_one_owners_silence_is_nothing_to_another(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        made = (await client.post("/api/silences", json=HOUR)).json()
        seen = (await anna.get("/api/silences")).json()["silences"]
        asked = [
            await anna.get(f"/api/silences/{made['id']}"),
            await anna.delete(f"/api/silences/{made['id']}"),
        ]
        await make(anna)
        house.tick("BTC/USDT", 61_000.0)
        firings = await fired(anna)
        listed = (await client.get("/api/silences")).json()["silences"]

    assert seen == []
    assert {each.status_code for each in asked} == {404}
    assert len(firings) == 1, "anna's alerts are not silenced"
    assert [each["id"] for each in listed] == [made["id"]]


async def test_a_silence_nobody_made_is_404(house: House) -> None:
    async with house.owner() as client:
        answers = [await client.get("/api/silences/x"), await client.delete("/api/silences/x")]

    assert {each.status_code for each in answers} == {404}
