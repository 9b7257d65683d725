"""Errors as problems."""

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from crypto_portfolio_analyzer.api import problems
from crypto_portfolio_analyzer.errors import (
    Fault,
    InvalidCondition,
    InvalidFields,
    InvalidSymbol,
    NotFound,
    StorageUnavailable,
    UnknownName,
)
from tests.api.house import House

CASES = [
    (problems.Problem(409, "taken", remedy="take another", nearest="b"), 409),  # type: ignore[arg-type]
    (NotFound("alert", "7"), 404),
    (InvalidSymbol("?"), 422),
    (UnknownName("room", "atic", ["attic"]), 422),
    (StorageUnavailable("the host of the database"), 503),
]


@pytest.mark.parametrize(("error", "status"), CASES)
async def test_our_errors_become_problems(error: Exception, status: int) -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/fails")
    async def fails() -> None:
        raise error

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/fails")

    body = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "detail", "instance"} <= set(body)
    assert body["instance"] == "/fails"
    assert "host of the database" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/status", 405),
        ("POST", "/api/auth/login", 422),
        ("GET", "/api/symbols", 401),
    ],
)
async def test_the_frameworks_errors_become_problems(
    house: House, method: str, path: str, status: int
) -> None:
    async with house.client() as client:
        answer = await client.request(method, path)

    assert answer.status_code == answer.json()["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_faults_of_a_request_are_named_without_echoing_secrets(house: House) -> None:
    async with house.client() as client:
        answer = await client.post("/api/auth/login", json={"name": 7, "password": ["hunter2"]})

    assert {fault["path"] for fault in answer.json()["errors"]} == {"body.name", "body.password"}
    assert "hunter2" not in answer.text


async def test_fields_and_places_in_conditions_are_named() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/fields")
    async def fields() -> None:
        raise InvalidFields([Fault("cooldown_seconds", "below 0", "0 is none"), Fault("name", "is missing")])

    @app.get("/condition")
    async def condition() -> None:
        raise InvalidCondition("price > x", 8, 9, "unknown word 'x'", "price > 1")

    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        first, second = await client.get("/fields"), await client.get("/condition")

    assert first.json()["errors"] == [
        {"path": "cooldown_seconds", "problem": "below 0", "remedy": "0 is none"},
        {"path": "name", "problem": "is missing", "remedy": ""},
    ]
    assert second.status_code == 422
    assert second.json()["errors"] == [
        {
            "path": "condition",
            "problem": "unknown word 'x'",
            "remedy": "",
            "start": 8,
            "end": 9,
            "fix": "price > 1",
        }
    ]


def test_the_path_of_a_hook_is_told_without_what_lets_in() -> None:
    assert problems.shown_path("/hooks/tradingview/secret") == "/hooks/•••"
    assert problems.shown_path("/api/hooks/id") == "/api/hooks/id"
