"""`/api/deliveries`: what became of each firing at each channel, found, read, sent again; by its owner only."""

from typing import Any

import httpx2

from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import House, until
from tests.api.routes.test_channels import keys_of, make_channel


async def sent(client: httpx2.AsyncClient, house: House, count: int, **channel: Any) -> list[dict[str, Any]]:
    """Let an alert fire so many times; return its deliveries once they are all settled, newest first."""
    alert = {
        "name": "often",
        "symbol": "BTC/USDT",
        "condition": "price crosses above 60000",
        "trigger": "every_time",
        "cooldown_seconds": 0,
    }
    await client.post("/api/alerts", json=alert)
    for number in range(count):
        house.tick("BTC/USDT", 59_000.0)
        house.tick("BTC/USDT", 60_001.0 + number)
    return await settled(client, count)


async def settled(client: httpx2.AsyncClient, count: int) -> list[dict[str, Any]]:
    """Wait until so many deliveries are final; return them."""

    async def enough() -> list[dict[str, Any]]:
        query = {"state": ["delivered", "dead"]}
        found: list[dict[str, Any]] = (await client.get("/api/deliveries", params=query)).json()["deliveries"]
        return found if len(found) >= count else []

    return await until(enough)


async def test_a_delivery_tells_its_firing_attempts_and_five_instants(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client:
        await make_channel(client, receiver, default=True)
        [listed] = await sent(client, telling, 1)
        one = (await client.get(f"/api/deliveries/{listed['id']}")).json()

    assert listed == {name: value for name, value in one.items() if name != "attempt_log"}
    assert (one["state"], one["kind"], one["attempts"]) == ("delivered", "firing", 1)
    assert (one["firing"]["symbol"], one["firing"]["alert_name"]) == ("BTC/USDT", "often")
    assert [each["status"] for each in one["attempt_log"]] == [200]
    stamps = list(one["stamps"].values())
    assert len(stamps) == 6
    assert stamps == sorted(stamps)


async def test_deliveries_come_newest_first_in_pages_and_by_filter(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client:
        made = await make_channel(client, receiver, default=True)
        every = await sent(client, telling, 4)
        first = (await client.get("/api/deliveries?limit=3")).json()
        second = (await client.get(f"/api/deliveries?limit=3&cursor={first['next_cursor']}")).json()

        async def found(**query: str) -> int:
            return len((await client.get("/api/deliveries", params=query)).json()["deliveries"])

        assert [each["id"] for each in first["deliveries"] + second["deliveries"]] == [
            each["id"] for each in every
        ]
        assert second["next_cursor"] is None
        assert await found(channel_id=made["id"]) == await found(channel_id="bot") == 4
        assert await found(channel_id="nobody") == await found(channel_id="%00") == 0
        assert await found(firing_id=every[0]["firing"]["id"]) == 1
        assert await found(alert_id=every[0]["firing"]["alert_id"]) == 4
        assert await found(state="dead") == 0
        assert await found(kind="test") == 0
        assert await found(since="9999-01-01T00:00:00Z") == await found(until="2001-01-01T00:00:00") == 0


async def test_a_dead_one_is_sent_again_under_its_old_key(telling: House, receiver: WebhookReceiver) -> None:
    receiver.always = Misbehaviour(Bad.STATUS, 410)
    async with telling.owner() as client:
        await make_channel(client, receiver, default=True)
        [dead] = await sent(client, telling, 1)
        await client.patch("/api/channels/bot", json={"enabled": True})
        receiver.always = None
        queued = await client.post(f"/api/deliveries/{dead['id']}/redeliver")
        await receiver.wait(2)

        async def arrived() -> Any:
            one = (await client.get(f"/api/deliveries/{dead['id']}")).json()
            return one if one["state"] == "delivered" else None

        one = await until(arrived)

    assert dead["state"] == "dead"
    assert queued.status_code == 200
    assert queued.json()["id"] == dead["id"]
    assert [each["status"] for each in one["attempt_log"]] == [410, 200]
    assert keys_of(receiver) == [f"msg_{dead['id']}"] * 2


async def test_many_are_sent_again_by_name_or_by_filter_oldest_first(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client:
        await make_channel(client, receiver, default=True)
        every = [each["id"] for each in await sent(client, telling, 3)]
        named = (await client.post("/api/deliveries/redeliver", json={"ids": every[:1]})).json()
        await receiver.wait(4)
        await settled(client, 3)
        body = {"channel_id": "bot", "since": "2001-01-01T00:00:00", "states": ["delivered"]}
        found = (await client.post("/api/deliveries/redeliver", json=body)).json()
        await receiver.wait(7)
        nothing = (await client.post("/api/deliveries/redeliver", json={"channel_id": "bot"})).json()

    assert (named["redelivered"], named["ids"]) == (1, every[:1])
    assert (found["redelivered"], found["more"]) == (3, False)
    assert sorted(found["ids"]) == sorted(every)
    assert nothing == {"redelivered": 0, "ids": [], "more": False}, "none is dead"


async def test_one_owners_delivery_does_not_exist_for_another(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client, await telling.member("anna") as anna:
        await make_channel(client, receiver, default=True)
        [mine] = await sent(client, telling, 1)
        asked = [
            await anna.get(f"/api/deliveries/{mine['id']}"),
            await anna.post(f"/api/deliveries/{mine['id']}/redeliver"),
            await anna.post("/api/deliveries/redeliver", json={"ids": [mine["id"]]}),
        ]
        hers = (await anna.get("/api/deliveries")).json()["deliveries"]
        by_filter = (
            await anna.post("/api/deliveries/redeliver", json={"since": "2001-01-01T00:00:00Z"})
        ).json()

    assert {each.status_code for each in asked} == {404}
    assert (hers, by_filter["redelivered"]) == ([], 0)
    assert len(keys_of(receiver)) == 1


async def test_the_law_holds_and_is_for_administrators(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client, await telling.member("anna") as anna:
        made = await make_channel(client, receiver, default=True)
        await sent(client, telling, 2)
        law = (await client.get("/api/deliveries/law")).json()
        refused = await anna.get("/api/deliveries/law")

    assert law["holds"] is True
    [mine] = [each for each in law["channels"] if each["channel_id"] == made["id"]]
    assert (mine["told"], mine["states"]["delivered"], mine["broken"]) == (2, 2, [])
    assert refused.status_code == 403


async def test_stats_count_them_and_time_every_step(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client, await telling.member("anna") as anna:
        await make_channel(client, receiver, default=True)
        await sent(client, telling, 2)
        told = (await client.get("/api/stats")).json()["deliveries"]
        hers = (await anna.get("/api/stats")).json()["deliveries"]

    assert (told["by_state"]["delivered"], told["waiting"], told["oldest_due_seconds"]) == (2, 0, None)
    assert hers["by_state"]["delivered"] == 0
    for step in ("received", "evaluated", "stored", "attempted", "accepted"):
        assert told["steps"][step]["count"] == 2
        assert told["steps"][step]["p50"] <= told["steps"][step]["p90"] <= told["steps"][step]["p99"]


async def test_questions_that_cannot_be_meant_are_refused(house: House) -> None:
    queries = ("limit=0", "limit=201", "cursor=-1", "state=gone", "since=soon", "kind=x")
    async with house.owner() as client:
        answers = [await client.get(f"/api/deliveries?{each}") for each in queries]

    assert {each.status_code for each in answers} == {422}


async def test_sending_everything_or_nothing_again_is_refused(house: House) -> None:
    bodies: tuple[object, ...] = ({}, {"ids": []}, {"ids": ["a"], "since": "2026-01-01T00:00:00Z"}, [])
    async with house.owner() as client:
        answers = [await client.post("/api/deliveries/redeliver", json=each) for each in bodies]

    assert {each.status_code for each in answers} == {422}


async def test_ids_that_are_none_are_404(house: House) -> None:
    async with house.owner() as client:
        answers = [
            answer
            for each in ("x", "%00", "a" * 300)
            for answer in (
                await client.get(f"/api/deliveries/{each}"),
                await client.post(f"/api/deliveries/{each}/redeliver"),
            )
        ]

    assert {each.status_code for each in answers} == {404}


async def test_what_waits_already_is_answered_as_it_is(telling: House, receiver: WebhookReceiver) -> None:
    receiver.always = Misbehaviour(Bad.STATUS, 503)
    async with telling.owner() as client:
        await make_channel(client, receiver)
        made = (await client.post("/api/channels/bot/test")).json()
        again = await client.post(f"/api/deliveries/{made['id']}/redeliver")

    assert made["state"] == "retry_wait"
    assert again.status_code == 200
    assert (again.json()["id"], again.json()["state"]) == (made["id"], "retry_wait")


async def test_an_old_order_reaches_the_bot_once_its_owner_means_it(
    telling: House, receiver: WebhookReceiver
) -> None:
    receiver.always = Misbehaviour(Bad.STATUS, 410)
    async with telling.owner() as client:
        await make_channel(client, receiver, policy="trade", ttl_seconds=1, default=True)
        [dead] = await sent(client, telling, 1)
        receiver.always = None
        await client.patch("/api/channels/bot", json={"enabled": True})
        path = f"/api/deliveries/{dead['id']}/redeliver"

        async def refused() -> bool:
            return (await client.post(path)).status_code == 422

        await until(refused)  # once its second is over
        meant = await client.post(path, json={"anyway": True})
        [told, *_] = await settled(client, 1)

    assert meant.status_code == 200
    assert (told["id"], told["state"]) == (dead["id"], "delivered")
