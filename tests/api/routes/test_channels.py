"""`/api/channels`: made, tested by the real path, changed; secrets shown once, others' channels never."""

import json
from typing import Any

import httpx2

from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import House, until

CANARY = "whsec_" + "Y2FuYXJ5" * 4


async def make_channel(
    client: httpx2.AsyncClient, receiver: WebhookReceiver, **changes: Any
) -> dict[str, Any]:
    """Make a webhook channel whose secret the receiver knows; return the answer."""
    body = {"type": "webhook", "name": "bot", "url": receiver.hook_url, **changes}
    answer = await client.post("/api/channels", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    receiver.secrets = [made["secret"]]
    return made


def keys_of(receiver: WebhookReceiver) -> list[str]:
    """Return the keys of what came, in order."""
    return [each.headers["webhook-id"] for each in receiver.received]


def bodies_of(receiver: WebhookReceiver) -> list[Any]:
    """Return what came, in order."""
    return [json.loads(each.body) for each in receiver.received]


async def test_a_channel_is_made_and_its_secret_shown_once(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client:
        made = await make_channel(client, receiver, default=True)
        one = (await client.get(f"/api/channels/{made['id']}")).json()
        by_name = (await client.get("/api/channels/bot")).json()
        listed = (await client.get("/api/channels")).json()["channels"]

    secret = made.pop("secret")
    assert secret.startswith("whsec_")
    assert (made["type"], made["name"], made["enabled"], made["default"]) == ("webhook", "bot", True, True)
    assert set(made["options"]) >= {"url", "secret"}
    assert (made["verified"], made["trades"]) == (True, False)
    assert [one, by_name] == [made, made]
    assert listed == [made]
    assert secret not in str(one) + str(listed)


async def test_a_test_goes_the_real_way_and_says_what_became_of_it(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client:
        made = await make_channel(client, receiver)
        told = (await client.post(f"/api/channels/{made['id']}/test")).json()
        logged = (await client.get("/api/deliveries?kind=test")).json()["deliveries"]

    assert (told["state"], told["kind"]) == ("delivered", "test")
    assert [(each["outcome"], each["status"]) for each in told["attempt_log"]] == [("accepted", 200)]
    assert [each["type"] for each in bodies_of(receiver)] == ["channel.test"]
    assert keys_of(receiver) == [f"msg_{told['id']}"]
    assert [each["id"] for each in logged] == [told["id"]]


async def test_a_test_that_is_refused_is_answered_200_and_says_so(
    telling: House, receiver: WebhookReceiver
) -> None:
    receiver.always = Misbehaviour(Bad.STATUS, 410)
    async with telling.owner() as client:
        made = await make_channel(client, receiver)
        answer = await client.post(f"/api/channels/{made['id']}/test")
        after = (await client.get(f"/api/channels/{made['id']}")).json()

    told = answer.json()
    assert answer.status_code == 200
    assert (told["state"], told["attempt_log"][0]["status"]) == ("dead", 410)
    assert after["enabled"] is False
    assert after["disabled_reason"]


async def test_a_channel_is_changed_without_its_secret(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client:
        made = await make_channel(client, receiver, secret=CANARY)
        changed = await client.patch(
            "/api/channels/bot", json={"name": "desk", "enabled": False, "language": "de"}
        )
        again = (await client.patch("/api/channels/desk", json={"enabled": True})).json()
        told = (await client.post("/api/channels/desk/test")).json()

    assert (changed.json()["name"], changed.json()["enabled"]) == ("desk", False)
    assert again["options"]["language"] == "de"
    assert made["secret"] == CANARY
    assert CANARY not in changed.text
    assert told["state"] == "delivered", "the secret it was made with still signs"


async def test_a_new_secret_is_shown_once_and_signs(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client:
        made = await make_channel(client, receiver)
        rotated = (await client.post("/api/channels/bot/rotate")).json()
        receiver.secrets = [rotated["secret"]]
        told = (await client.post("/api/channels/bot/test")).json()

    assert rotated["secret"] not in (made["secret"], None)
    assert told["state"] == "delivered"


async def test_a_channel_that_is_removed_is_gone_and_its_name_free(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client:
        made = await make_channel(client, receiver)
        removed = await client.delete(f"/api/channels/{made['id']}")
        gone = await client.get(f"/api/channels/{made['id']}")
        again = await make_channel(client, receiver)

    assert (removed.status_code, gone.status_code) == (204, 404)
    assert again["id"] != made["id"]


MEANINGLESS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"type": "pigeon"}, "type"),
    ({"type": 5}, "type"),
    ({"type": []}, "type"),
    ({"name": ""}, "name"),
    ({"name": ["x"]}, "name"),
    ({"url": "http://169.254.169.254/latest"}, "url"),
    ({"url": "https://10.0.0.1/"}, "url"),
    ({"url": 7}, "url"),
    ({"policy": "sometimes"}, "policy"),
    ({"unknown": 1}, "unknown"),
    ({"owner": "anna"}, "owner"),
    ({"verified_at": 1}, "verified_at"),
    ({"id": "mine"}, "id"),
    ({"enabled": "perhaps"}, "enabled"),
    ({"language": "fr"}, "language"),
    ({"type": "browser", "url": None, "quiet_hours": {"from": "25:00", "until": "07:00"}}, "quiet_hours"),
    ({"quiet_hours": {"from": "25:00", "until": "07:00"}}, "quiet_hours"),
    ({"group": "off"}, "group"),
    ({"name": "a\0"}, "body"),
)


async def test_what_cannot_be_meant_is_refused_with_its_path(
    telling: House, receiver: WebhookReceiver
) -> None:
    wrong = []
    async with telling.owner() as client:
        for changes, path in MEANINGLESS:
            body = {"type": "webhook", "name": "bot", "url": receiver.hook_url, **changes}
            answer = await client.post("/api/channels", json=body)
            paths = [fault["path"] for fault in answer.json().get("errors", ())]
            if answer.status_code != 422 or not any(each.startswith(path) for each in paths):
                wrong.append((changes, answer.text))
        listed = (await client.get("/api/channels")).json()["channels"]

    assert wrong == []
    assert listed == []


async def test_a_name_is_taken_once(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client:
        await make_channel(client, receiver)
        again = await client.post(
            "/api/channels", json={"type": "webhook", "name": "bot", "url": receiver.hook_url}
        )

    assert again.status_code == 422
    assert [fault["path"] for fault in again.json()["errors"]] == ["name"]


async def test_every_type_says_what_it_wants(house: House) -> None:
    async with house.owner() as client:
        types = {each["name"]: each for each in (await client.get("/api/channels/types")).json()["types"]}

    assert {"webhook", "telegram", "discord", "email", "sms", "apprise", "browser"} <= set(types)
    assert types["webhook"]["ready"]
    assert types["telegram"]["missing"], "there is no bot token here"
    assert all(each["label"] and each["about"] for each in types.values())
    [url] = [option for option in types["webhook"]["options"] if option["name"] == "url"]
    assert (url["kind"], url["needed"]) == ("url", True)


async def test_a_preview_sends_nothing(telling: House, receiver: WebhookReceiver) -> None:
    alert = {"name": "btc", "symbol": "BTC/USDT", "condition": "price > 60000", "message": "look"}
    async with telling.owner() as client:
        await make_channel(client, receiver)
        general = (await client.post("/api/channels/preview", json={"alert": alert})).json()
        one = (await client.post("/api/channels/preview", json={"channel": "bot", "alert": alert})).json()
        unknown = await client.post("/api/channels/preview", json={"channel": "nobody", "alert": alert})
        logged = (await client.get("/api/deliveries")).json()["deliveries"]

    assert "BTC/USDT" in general["headline"]
    assert one["data"]
    assert "whsec" not in str(one)
    assert unknown.status_code == 404
    assert (keys_of(receiver), logged) == ([], [])


async def test_a_telegram_account_is_linked_by_a_code_and_let_go(house: House) -> None:
    async with house.owner() as client, await house.member("anna") as anna:
        made = (await client.post("/api/channels/telegram/link")).json()
        link = await house.app.links.use_code("telegram", made["code"], "4711", "Ann", house.app.clock.now())
        listed = (await client.get("/api/channels/telegram/links")).json()["links"]
        hers = (await anna.get("/api/channels/telegram/links")).json()["links"]
        stolen = await anna.delete("/api/channels/telegram/links/4711")
        gone = await client.delete("/api/channels/telegram/links/4711")
        again = await client.delete("/api/channels/telegram/links/4711")
        after = (await client.get("/api/channels/telegram/links")).json()["links"]

    assert link is not None
    assert link.owner == "admin"
    assert [(each["person"], each["name"]) for each in listed] == [("4711", "Ann")]
    assert (hers, stolen.status_code) == ([], 404)
    assert (gone.status_code, again.status_code, after) == (204, 404, [])


async def test_one_owners_channel_does_not_exist_for_another(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client, await telling.member("anna") as anna:
        made = await make_channel(client, receiver)
        path = f"/api/channels/{made['id']}"
        asked = [
            await anna.get(path),
            await anna.get("/api/channels/bot"),
            await anna.patch(path, json={"name": "hers"}),
            await anna.delete(path),
            await anna.post(f"{path}/test"),
            await anna.post(f"{path}/rotate"),
            await anna.post(f"{path}/confirm", json={"code": "1"}),
            await anna.post("/api/channels/preview", json={"channel": made["id"]}),
        ]
        hers = (await anna.get("/api/channels")).json()["channels"]
        still = (await client.get(path)).json()

    assert {each.status_code for each in asked} == {404}
    assert hers == []
    assert still["name"] == "bot"
    assert keys_of(receiver) == []


async def test_an_alert_that_names_no_channel_goes_to_the_default_one(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client:
        made = await make_channel(client, receiver, default=True)
        alert = {"name": "btc", "symbol": "BTC/USDT", "condition": "price > 60000"}
        await client.post("/api/alerts", json=alert)
        telling.tick("BTC/USDT", 61_000.0)
        await receiver.wait(1)

        async def accepted() -> Any:
            [firing] = (await client.get("/api/firings")).json()["firings"]
            return firing if firing["deliveries"][0]["state"] == "delivered" else None

        firing = await until(accepted)

    [delivery] = firing["deliveries"]
    assert delivery["id"] == f"{firing['id']}_{made['id']}"
    assert delivery["channel"] == {"id": made["id"], "name": "bot", "type": "webhook"}
    assert (delivery["attempts"], delivery["last_status"], delivery["next_attempt_at"]) == (1, 200, None)
    assert bodies_of(receiver)[0]["type"] == "alert.fired"
    assert keys_of(receiver) == [f"msg_{delivery['id']}"]


async def test_ids_that_are_none_are_404(house: House) -> None:
    async with house.owner() as client:
        answers = [await client.get(f"/api/channels/{each}") for each in ("x", "%00", "a" * 300)]

    assert {each.status_code for each in answers} == {404}
