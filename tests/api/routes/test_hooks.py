"""`/api/hooks` and `/hooks/tradingview/…`: signals of others, taken in quickly and routed on, by token only."""

import logging
from typing import Any

import httpx2
import pytest

from crypto_portfolio_analyzer.simulation.misbehaviour import Bad, Misbehaviour
from crypto_portfolio_analyzer.simulation.receivers import WebhookReceiver
from tests.api.house import House
from tests.api.routes.test_channels import bodies_of, make_channel

SIGNAL = '{"symbol": "BTCUSDT", "action": "buy", "price": 65012.4}'


async def make_hook(client: httpx2.AsyncClient, **fields: Any) -> dict[str, Any]:
    """Make a hook; return the answer."""
    answer = await client.post("/api/hooks", json={"name": "tv", **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def test_a_hook_is_made_and_its_address_shown_once(house: House) -> None:
    async with house.owner() as client:
        made = await make_hook(client)
        one = (await client.get(f"/api/hooks/{made['id']}")).json()
        listed = (await client.get("/api/hooks")).json()["hooks"]

    assert made["url"] == f"{house.url}/hooks/tradingview/{made['token']}"
    assert len(made["token"]) >= 22, "128 bits"
    assert listed == [one] == [{name: made[name] for name in ("id", "name", "channels", "created_at")}]


async def test_a_signal_is_answered_at_once_and_told_by_the_hooks_channels(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client, telling.client() as anybody:
        await make_channel(client, receiver)
        made = await make_hook(client, channels=["bot"])
        receiver.faults.append(
            Misbehaviour(Bad.SILENT)
        )  # who sends the signal does not wait for whom it is for
        answer = await anybody.post(made["url"], content=SIGNAL, headers={"content-type": "application/json"})
        await receiver.wait(1)
        [logged] = (await client.get("/api/deliveries?kind=inbound")).json()["deliveries"]

    assert (answer.status_code, answer.json()) == (202, {"taken": True})
    assert logged["state"] != "delivered"
    [body] = bodies_of(receiver)
    assert body["type"] == "signal.inbound"
    assert "BTCUSDT" in str(body) or "BTC/USDT" in str(body)
    assert logged["firing"] is None
    assert logged["title"]


async def test_the_same_signal_twice_is_answered_alike_and_told_once(
    telling: House, receiver: WebhookReceiver
) -> None:
    async with telling.owner() as client, telling.client() as anybody:
        await make_channel(client, receiver, default=True)
        made = await make_hook(client)
        answers = [await anybody.post(made["url"], content=SIGNAL) for _ in range(3)]
        await anybody.post(made["url"], content="another")
        await receiver.wait(2)
        logged = (await client.get("/api/deliveries?kind=inbound")).json()["deliveries"]

    assert [each.status_code for each in answers] == [202] * 3
    assert [each.json()["taken"] for each in answers] == [True, False, False]
    assert len(logged) == 2


STRANGE = {
    "empty": b"",
    "bytes": b"\x00\xff\xfe",
    "torn": b"{",
    "list": b"[]",
    "null": b"null",
    "huge number": b'{"price": 1e999}',
    "nested": b'{"symbol": {"a": ["b"]}}',
    "deep": b"[" * 60_000,
    "markup": "\u202e<b>@everyone</b>\r\nBcc: x".encode(),
    "full": b"x" * 65_536,
}


async def test_no_content_is_a_fault_of_ours(house: House) -> None:
    wrong = []
    async with house.owner() as client, house.client() as anybody:
        made = await make_hook(client)
        for name, body in STRANGE.items():
            for kind in ("text/plain", "application/json"):
                answer = await anybody.post(made["url"], content=body, headers={"content-type": kind})
                if answer.status_code not in (202, 422):
                    wrong.append((name, kind, answer.text))

    assert wrong == []


async def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    async with house.owner() as client, house.client() as anybody:
        made = await make_hook(client)
        answer = await anybody.post(made["url"], content=b"x" * 65_537)

    assert answer.status_code == 413


async def test_a_token_that_is_none_is_404_and_never_repeated(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with house.owner() as client, house.client() as anybody:
        made = await make_hook(client)
        await client.delete(f"/api/hooks/{made['id']}")
        with caplog.at_level(logging.DEBUG):
            answers = [
                await anybody.post(made["url"], content=SIGNAL),
                await anybody.get(made["url"]),
                await anybody.post(f"{house.url}/hooks/tradingview/canary", content=SIGNAL),
                await anybody.post(f"{house.url}/hooks/tradingview/{'canary' * 50}", content=SIGNAL),
                await anybody.post(f"{house.url}/hooks/tradingview/%00canary", content=SIGNAL),
                await anybody.post(f"{house.url}/hooks/elsewhere/canary", content=SIGNAL),
            ]

    assert [each.status_code for each in answers] == [404, 405, 404, 404, 404, 404]
    logged = [each.getMessage() for each in caplog.records if each.name.startswith(("crypto", "uvicorn"))]
    said = "".join([*(each.text for each in answers), *logged])
    assert "canary" not in said
    assert made["token"] not in said


MEANINGLESS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": "tv"}, "name"),
    ({"name": ""}, "body.name"),
    ({"channels": ["nobody"]}, "channels.0"),
    ({"channels": "bot"}, "body.channels"),
)


async def test_hooks_that_cannot_be_meant_are_refused(house: House) -> None:
    async with house.owner() as client:
        await make_hook(client)
        answers = [
            await client.post("/api/hooks", json={"name": "other", **fields}) for fields, _ in MEANINGLESS
        ]

    assert {each.status_code for each in answers} == {422}
    assert [[fault["path"] for fault in each.json()["errors"]] for each in answers] == [
        [path] for _, path in MEANINGLESS
    ]


async def test_one_owners_hook_does_not_exist_for_another(telling: House, receiver: WebhookReceiver) -> None:
    async with telling.owner() as client, await telling.member("anna") as anna:
        made = await make_hook(client)
        await make_channel(client, receiver)
        asked = [await anna.get(f"/api/hooks/{made['id']}"), await anna.delete(f"/api/hooks/{made['id']}")]
        hers = (await anna.get("/api/hooks")).json()["hooks"]
        mine = await anna.post("/api/hooks", json={"name": "to his bot", "channels": ["bot"]})

    assert {each.status_code for each in asked} == {404}
    assert hers == []
    assert mine.status_code == 422, "his channel is none of hers"
