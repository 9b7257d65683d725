"""`/api/alerts`: what is asked is stored and judged, edited, paused, deleted, explained; by its owner only."""

import json
from typing import Any

import httpx2
import pytest

from crypto_portfolio_analyzer.api.schemas import iso
from crypto_portfolio_analyzer.core.timeframes import DAY
from tests.api.house import House, until

ABOVE = {"name": "btc above", "symbol": "BTC/USDT", "condition": "price > 60000", "cooldown_seconds": 0}


async def make(client: httpx2.AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post("/api/alerts", json={**ABOVE, **changes})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def fired(client: httpx2.AsyncClient, count: int = 1, **query: str) -> list[dict[str, Any]]:
    """Wait until so many firings are stored, and return them."""

    async def enough() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await client.get("/api/firings", params=query)).json()["firings"]
        return found if len(found) >= count else []

    return await until(enough)


async def test_an_alert_is_made_with_its_defaults(house: House) -> None:
    async with house.owner() as client:
        answer = await client.post(
            "/api/alerts", json={"name": "a", "symbol": "BTCUSDT", "condition": "PRICE  >   50000"}
        )

    made = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/alerts/{made['id']}"
    assert answer.headers["etag"] == '"1"'
    assert (made["symbol"], made["symbols"], made["condition"]) == ("BTC/USDT", ["BTC/USDT"], "price > 50000")
    assert (made["trigger"], made["cooldown_seconds"], made["severity"]) == ("once", 60, "info")
    assert (made["timeframe"], made["revision"], made["enabled"], made["fresh"]) == ("1m", 1, True, False)
    assert made["state"] in {"warming", "armed", "no_data"}
    assert "50000" in made["summary"].replace(",", "")
    assert set(made["sentence"]) == {"en", "de"}
    assert made["expires_at"] is made["max_triggers"] is made["rearm"] is None
    assert made["created_at"].endswith("Z")


async def test_what_was_asked_comes_back(house: House) -> None:
    next_year = iso(house.app.clock.now() + 365 * DAY)
    asked = {
        "name": "everything",
        "symbols": ["BTC/USDT", "ETH/USDT"],
        "condition": "price crosses above 65000",
        "timeframe": "15m",
        "trigger": "every_time",
        "cooldown_seconds": 90,
        "rearm": {"level": 64000.5},
        "expires_at": next_year,
        "max_triggers": 3,
        "severity": "critical",
        "message": "take half off",
        "tags": ["swing", "btc"],
        "fresh": True,
    }
    async with house.owner() as client:
        made = await make(client, symbol=None, **asked)
        read = (await client.get(f"/api/alerts/{made['id']}")).json()

    assert made["symbol"] is None
    assert made["rearm"] == {"level": "64000.5", "percent": None}
    same = set(asked) - {"rearm"}
    assert {name: made[name] for name in same} == {name: asked[name] for name in same}
    assert {name: read[name] for name in same} == {name: asked[name] for name in same}


async def test_an_alert_fires_once_with_its_evidence(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        house.tick("BTC/USDT", 59_000.0)
        house.tick("BTC/USDT", 60_500.0)
        [firing] = await fired(client)
        house.tick("BTC/USDT", 61_000.0)
        done = (await client.get(f"/api/alerts/{made['id']}")).json()

    assert (firing["alert_id"], firing["symbol"], firing["price"]) == (made["id"], "BTC/USDT", "60500")
    assert firing["evidence"]["values"]["price"] == 60_500.0
    assert done["state"] == "done"
    assert done["fired_30d"] == 1
    assert done["last_fired_at"] == firing["event_at"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"symbol": "?!"}, "symbol"),
        ({"symbol": None}, "symbol"),
        ({"symbols": ["BTC"]}, "symbol and symbols"),
        ({"timeframe": "7m"}, "timeframe"),
        ({"trigger": "sometimes"}, "trigger"),
        ({"cooldown_seconds": -1}, "cooldown_seconds"),
        ({"rearm": {"level": 1, "percent": 2}}, "rearm"),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at"),
        ({"max_triggers": 0}, "max_triggers"),
        ({"severity": "deadly"}, "severity"),
        ({"colour": "red"}, "colour"),
        ({"watchlist": "unknown", "symbol": None}, "watchlist"),
        ({"condition": ""}, "condition"),
    ],
)
async def test_fields_that_cannot_be_used_are_named(house: House, changes: dict[str, Any], path: str) -> None:
    async with house.owner() as client:
        answer = await client.post(
            "/api/alerts",
            content=json.dumps({**ABOVE, **changes}),
            headers={"content-type": "application/json"},
        )
        left = (await client.get("/api/alerts")).json()["alerts"]

    assert answer.status_code == 422, answer.text
    assert path in [fault["path"] for fault in answer.json()["errors"]], answer.text
    assert left == []


async def test_every_fault_is_told_at_once(house: House) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/alerts", json={**ABOVE, "trigger": "x", "severity": "y"})

    assert {fault["path"] for fault in answer.json()["errors"]} == {"trigger", "severity"}


async def test_a_broken_condition_is_told_with_its_place(house: House) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/alerts", json={**ABOVE, "condition": "price crosses abov 50000"})

    [fault] = answer.json()["errors"]
    assert answer.status_code == 422
    assert (fault["path"], fault["start"], fault["end"]) == ("condition", 14, 18)
    assert fault["fix"] == "price crosses above 50000"


@pytest.mark.parametrize("name", ["a\x00b", "\ud800"])
async def test_characters_that_are_none_are_refused(house: House, name: str) -> None:
    async with house.owner() as client:
        answer = await client.post(
            "/api/alerts",
            content=json.dumps({**ABOVE, "name": name}),
            headers={"content-type": "application/json"},
        )

    assert answer.status_code == 422


@pytest.mark.parametrize("body", ["[]", '"a"', "7", "null"])
async def test_a_body_that_is_no_object_is_refused(house: House, body: str) -> None:
    async with house.owner() as client:
        answer = await client.post("/api/alerts", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_name_is_given_once(house: House) -> None:
    async with house.owner() as client:
        await make(client)
        again = await client.post("/api/alerts", json=ABOVE)

    assert again.status_code == 422
    assert "btc above" in again.json()["detail"]


async def test_a_repeated_request_makes_one_alert(house: House) -> None:
    async with house.owner() as client:
        client.headers["Idempotency-Key"] = "k1"
        first, again = await make(client), await make(client)
        other = await client.post("/api/alerts", json={**ABOVE, "condition": "price > 7"})
        every = (await client.get("/api/alerts")).json()["alerts"]

    assert first["id"] == again["id"]
    assert len(every) == 1
    assert other.status_code == 422


async def test_alerts_are_listed_in_pages_in_the_order_they_were_made(house: House) -> None:
    async with house.owner() as client:
        for number in range(3):
            await make(client, name=f"n{number}", symbol=("BTC", "ETH/USDT", "BTC/USDT")[number])
        first = (await client.get("/api/alerts?limit=2")).json()
        second = (await client.get(f"/api/alerts?limit=2&cursor={first['next_cursor']}")).json()
        of_btc = (await client.get("/api/alerts?symbol=btcusdt")).json()["alerts"]

    assert [each["name"] for each in first["alerts"] + second["alerts"]] == ["n0", "n1", "n2"]
    assert second["next_cursor"] is None
    assert [each["name"] for each in of_btc] == ["n0", "n2"]


async def test_an_alert_is_replaced_and_changed_by_revisions(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        path = f"/api/alerts/{made['id']}"
        put = (await client.put(path, json={**ABOVE, "condition": "price > 70000"})).json()
        patched = (await client.patch(path, json={"message": "now"})).json()
        moved = (await client.patch(path, json={"symbols": ["ETH/USDT", "BTC/USDT"]})).json()
        history = (await client.get(f"{path}/history")).json()

    assert (put["revision"], put["condition"], put["id"]) == (2, "price > 70000", made["id"])
    assert (patched["revision"], patched["condition"], patched["message"]) == (3, "price > 70000", "now")
    assert moved["symbols"] == ["ETH/USDT", "BTC/USDT"]
    assert [each["revision"] for each in history["revisions"]] == [4, 3, 2, 1]
    assert [each["condition"] for each in history["revisions"]] == ["price > 70000"] * 3 + ["price > 60000"]


async def test_an_alert_says_which_door_it_came_through_last(house: House) -> None:
    async with house.owner() as client:
        made = (await client.post("/api/alerts?source=yaml", json=ABOVE)).json()
        path = f"/api/alerts/{made['id']}"
        told = [
            made,
            (await client.patch(path, json={"message": "now"})).json(),
            (await client.put(f"{path}?source=cli", json=ABOVE)).json(),
            (await client.post(f"{path}/rearm")).json(),
            (await client.get(path)).json(),
        ]
        refused = await client.put(f"{path}?source=letter", json=ABOVE)

    assert [each["source"] for each in told] == ["yaml", "api", "cli", "cli", "cli"]
    assert refused.status_code == 422


async def test_null_takes_a_field_back_to_its_default(house: House) -> None:
    async with house.owner() as client:
        made = await make(client, max_triggers=3, trigger="every_time")
        changed = (await client.patch(f"/api/alerts/{made['id']}", json={"max_triggers": None})).json()

    assert changed["max_triggers"] is None
    assert changed["trigger"] == "every_time"


async def test_an_edit_of_what_somebody_else_edited_is_refused(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        path = f"/api/alerts/{made['id']}"
        right = await client.patch(path, json={"message": "a"}, headers={"If-Match": '"1"'})
        stale = await client.patch(path, json={"message": "b"}, headers={"If-Match": '"1"'})
        after = (await client.get(path)).json()

    assert (right.status_code, stale.status_code) == (200, 412)
    assert stale.json()["revision"] == 2
    assert after["message"] == "a"


async def test_a_broken_edit_changes_nothing(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        path = f"/api/alerts/{made['id']}"
        refused = await client.patch(path, json={"condition": "price >"})
        after = (await client.get(path)).json()

    assert refused.status_code == 422
    assert (after["revision"], after["condition"]) == (1, "price > 60000")


async def test_a_paused_alert_does_not_fire_until_it_is_resumed(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        path = f"/api/alerts/{made['id']}"
        paused = (await client.post(f"{path}/pause")).json()
        house.tick("BTC/USDT", 61_000.0)
        resumed = (await client.post(f"{path}/resume")).json()
        nothing = (await client.get("/api/firings")).json()["firings"]
        house.tick("BTC/USDT", 62_000.0)
        [firing] = await fired(client)

    assert (paused["state"], paused["enabled"]) == ("paused", False)
    assert (resumed["enabled"], nothing) == (True, [])
    assert firing["price"] == "62000"


async def test_a_deleted_alert_is_gone_until_it_is_restored(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        path = f"/api/alerts/{made['id']}"
        deleted = await client.delete(path)
        gone = [await client.get(path), await client.delete(path), await client.post(f"{path}/pause")]
        house.tick("BTC/USDT", 61_000.0)
        restored = (await client.post(f"{path}/restore")).json()
        twice = await client.post(f"{path}/restore")
        house.tick("BTC/USDT", 62_000.0)
        firings = await fired(client)

    assert deleted.status_code == 200
    assert deleted.json()["id"] == made["id"]
    assert deleted.json()["restore_until"] > made["created_at"]
    assert [each.status_code for each in gone] == [404, 404, 404]
    assert (restored["id"], restored["enabled"]) == (made["id"], True)
    assert twice.status_code == 404
    assert [each["price"] for each in firings] == ["62000"]


async def test_what_is_done_can_be_armed_again(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        house.tick("BTC/USDT", 61_000.0)
        await fired(client)
        armed = (await client.post(f"/api/alerts/{made['id']}/rearm")).json()
        house.tick("BTC/USDT", 62_000.0)
        firings = await fired(client, 2)

    assert (armed["id"], armed["revision"]) == (made["id"], 2)
    assert [each["price"] for each in firings] == ["62000", "61000"]


async def test_history_shows_what_was_swallowed(house: House) -> None:
    async with house.owner() as client:
        made = await make(client, trigger="every_time", cooldown_seconds=3600)
        for price in (61_000.0, 59_000.0, 62_000.0):
            house.tick("BTC/USDT", price)
        path = f"/api/alerts/{made['id']}/history"

        async def swallowed() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = (await client.get(path)).json()["suppressed"]
            return found

        [one] = await until(swallowed)
        history = (await client.get(path)).json()

    assert (one["price"], one["symbol"]) == ("62000", "BTC/USDT")
    assert "cooldown" in one["reason"]
    assert [each["price"] for each in history["firings"]] == ["61000"]


async def test_explain_tells_how_far_it_is(house: House) -> None:
    async with house.owner() as client:
        made = await make(client)
        house.tick("BTC/USDT", 57_000.0)
        told = (await client.get(f"/api/alerts/{made['id']}/explain")).json()

    [one] = told["explanations"]
    assert told["alert_id"] == made["id"]
    assert (one["symbol"], one["holds"]) == ("BTC/USDT", False)
    [leaf] = one["leaves"]
    assert (leaf["value"], leaf["need"], leaf["holds"]) == (57_000.0, 60_000.0, False)
    assert abs(leaf["distance"]) == 3000.0


PATHS = ["", "/history", "/explain"]


@pytest.mark.parametrize("alert_id", ["nothing", "a" * 300, "%00", "..%2f..", "7"])
async def test_ids_that_are_none_are_404(house: House, alert_id: str) -> None:
    async with house.owner() as client:
        answers = [await client.get(f"/api/alerts/{alert_id}{path}") for path in PATHS]

    assert {each.status_code for each in answers} == {404}


async def test_one_owner_never_sees_anothers(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        made = await make(client)
        house.tick("BTC/USDT", 61_000.0)
        [firing] = await fired(client)
        path = f"/api/alerts/{made['id']}"
        asked = [
            *[await anna.get(f"{path}{each}") for each in PATHS],
            await anna.put(path, json=ABOVE),
            await anna.patch(path, json={"message": "x"}),
            await anna.delete(path),
            *[await anna.post(f"{path}/{verb}") for verb in ("pause", "resume", "rearm", "restore")],
            await anna.get("/api/alerts/btc above"),
            await anna.get(f"/api/firings/{firing['id']}"),
        ]
        listed = (await anna.get("/api/alerts")).json()["alerts"]
        firings = (await anna.get(f"/api/firings?alert_id={made['id']}")).json()["firings"]
        own = await make(anna)
        still = (await client.get(path)).json()

    assert {each.status_code for each in asked} == {404}
    assert not any(made["id"] in each.text.replace(path, "").replace(repr(made["id"]), "") for each in asked)
    assert (listed, firings) == ([], [])
    assert own["id"] != made["id"]
    assert still["revision"] == 1
