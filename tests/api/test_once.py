"""Idempotency keys: one thing is made, however often its request comes, by whoever sent it first."""

import asyncio
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from crypto_portfolio_analyzer.api import once as module
from crypto_portfolio_analyzer.api.once import LONGEST_KEY
from crypto_portfolio_analyzer.core.timeframes import DAY
from crypto_portfolio_analyzer.storage.idempotency import KEY_LIFETIME
from crypto_portfolio_analyzer.storage.tables import idempotency_keys
from tests.api.house import House
from tests.api.test_openapi import routes

HOUR = {"matchers": {"symbol": "BTC/USDT"}, "duration_seconds": 3600}
WEBHOOK = {"type": "webhook", "name": "bot", "url": "https://example.org/hook"}
KEYED = {
    "/api/alerts",
    "/api/auth/tokens",
    "/api/channels",
    "/api/deliveries/redeliver",
    "/api/deliveries/{delivery_id}/redeliver",
    "/api/hooks",
    "/api/silences",
    "/api/users",
    "/gpt-alerts/breakout",
    "/gpt-alerts/create",
    "/gpt-alerts/price-above",
    "/gpt-alerts/price-below",
}


async def post(
    client: httpx2.AsyncClient, path: str, key: str, body: Any = None, **query: Any
) -> httpx2.Response:
    return await client.post(path, json=body, params=query, headers={"idempotency-key": key})


def test_everything_that_is_made_takes_a_key() -> None:
    taking = {
        route.path
        for route in routes()
        if any(
            parameter.alias == "idempotency-key"
            for dependant in (route.dependant, *route.dependant.dependencies)
            for parameter in dependant.header_params
        )
    }

    assert KEYED - taking == set()
    assert KEY_LIFETIME == DAY


async def test_the_same_request_again_is_answered_alike_and_makes_nothing(house: House) -> None:
    async with house.owner() as client:
        first = await post(client, "/api/silences", "k1", HOUR)
        again = await post(client, "/api/silences", "k1", {"duration_seconds": 3600, **HOUR})
        other = await post(client, "/api/silences", "k2", HOUR)
        listed = (await client.get("/api/silences")).json()["silences"]

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 201)
    assert again.json() == first.json() != other.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(listed) == 2


async def test_another_request_with_the_key_is_refused(house: House) -> None:
    async with house.owner() as client:
        await post(client, "/api/silences", "k", HOUR)
        body = await post(client, "/api/silences", "k", {**HOUR, "comment": "other"})
        place = await post(client, "/api/hooks", "k", {"name": "x"})
        level = {"symbol": "BTC", "target_price": 1}
        await post(client, "/gpt-alerts/price-above", "q", **level)
        query = await post(client, "/gpt-alerts/price-above", "q", **{**level, "target_price": 2})

    for refused in (body, place, query):
        assert refused.status_code == 422
        assert refused.json()["remedy"] == "use a new key for every request"


async def test_a_key_belongs_to_its_user(house: House) -> None:
    async with await house.member("anna") as anna, await house.member("berta") as berta:
        hers = await post(anna, "/api/silences", "k", HOUR)
        others = await post(berta, "/api/silences", "k", HOUR)

    assert (hers.status_code, others.status_code) == (201, 201)
    assert hers.json()["id"] != others.json()["id"]


@pytest.mark.parametrize(
    ("path", "body", "secret"),
    [
        ("/api/channels", WEBHOOK, "secret"),
        ("/api/hooks", {"name": "tv"}, "token"),
        ("/api/auth/tokens", {"name": "grafana", "scopes": ["read"]}, "token"),
        ("/api/users", {"name": "carla", "role": "trader"}, "login_url"),
    ],
)
async def test_a_secret_is_told_once(house: House, path: str, body: Any, secret: str) -> None:
    async with house.owner() as client:
        first = await post(client, path, "k", body)
        again = await post(client, path, "k", body)
    async with house.app.database.reading() as connection:
        kept = str((await connection.execute(select(idempotency_keys))).all())

    told = first.json()
    assert (first.status_code, again.status_code) == (201, 409)
    assert told[secret]
    assert told[secret] not in kept + again.text
    assert "k" in kept
    assert again.json()["location"] == first.headers["location"]
    assert again.json()["made"].items() <= told.items()
    assert again.json()["remedy"]


async def test_what_failed_made_nothing_and_its_key_is_free(house: House) -> None:
    async with house.owner() as client:
        failed = await post(client, "/api/silences", "k", {**HOUR, "matchers": {}})
        fixed = await post(client, "/api/silences", "k", HOUR)

    assert (failed.status_code, fixed.status_code) == (422, 201)


async def test_of_many_at_once_one_is_made(house: House) -> None:
    async with house.owner() as client:
        answers = await asyncio.gather(*(post(client, "/api/silences", "k", HOUR) for _ in range(20)))
        listed = (await client.get("/api/silences")).json()["silences"]

    assert len(listed) == 1
    assert {each.status_code for each in answers} <= {201, 409}
    assert {each.json()["id"] for each in answers if each.status_code == 201} == {listed[0]["id"]}


@pytest.mark.parametrize("key", ["", "a b", "x" * (LONGEST_KEY + 1), "ä"])
async def test_keys_are_visible_and_short(house: House, key: str) -> None:
    async with house.owner() as client:
        headers = {b"idempotency-key": key.encode("latin-1")}
        answer = await client.post("/api/silences", json=HOUR, headers=headers)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_whoever_may_not_make_it_is_told_nothing_of_it(house: House) -> None:
    async with house.client() as nobody:
        answer = await post(nobody, "/api/silences", "k", HOUR)

    assert answer.status_code == 401
    assert module.MARK.lower() not in answer.headers
