"""The description of the HTTP surface."""

import inspect
import json
import re
from pathlib import Path

from fastapi.routing import APIRoute

from crypto_portfolio_analyzer.api.dialogue import Dialogue
from crypto_portfolio_analyzer.api.live import ROOMS
from crypto_portfolio_analyzer.api.openapi import policy_of
from crypto_portfolio_analyzer.api.server import create_app, routers
from tests.api.house import House
from tools.http_reference import PAGE, page


def routes() -> list[APIRoute]:
    return [route for router in routers() for route in router.routes if isinstance(route, APIRoute)]


def test_every_route_declares_a_policy() -> None:
    assert [route.path for route in routes() if policy_of(route) is None] == []


async def test_the_document_is_complete(house: House) -> None:
    async with house.client() as client:
        document = (await client.get("/openapi.json")).json()

    operations = {
        (path, method): told
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    }
    shown = {
        (route.path, method.lower())
        for route in routes()
        if route.include_in_schema
        for method in route.methods or ()
    }
    assert document["openapi"].startswith("3.1")
    assert set(operations) == shown
    for told in operations.values():
        assert told["description"]
        assert "default" in told["responses"]
        assert any(code.startswith("2") for code in told["responses"])


async def test_every_reference_leads_somewhere(house: House) -> None:
    async with house.client() as client:
        text = (await client.get("/openapi.json")).text

    schemas = json.loads(text)["components"]["schemas"]
    named = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(schemas)
    assert not {"HTTPValidationError", "ValidationError"} & set(schemas)


async def test_what_needs_a_login_says_so(house: House) -> None:
    document = create_app(house.server.doors).openapi()
    guarded = {
        path for path, methods in document["paths"].items() for told in methods.values() if "security" in told
    }

    assert "/api/symbols" in guarded
    assert "/status" in guarded
    assert {} in document["paths"]["/status"]["get"]["security"]
    assert "/health" not in guarded


def test_the_reference_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run tools/http_reference.py"


def test_the_reference_of_the_socket_names_every_room_message_and_error() -> None:
    told = (PAGE.parent / "websocket.md").read_text()
    source = Path(inspect.getfile(Dialogue)).read_text()
    spoken = set(re.findall(r'^            "(\w+)": self\._', source, re.MULTILINE))
    codes = set(re.findall(r'(?:Refused\(|"code": )"(\w+)"', source))

    assert spoken
    assert {
        word for word in {*ROOMS, *spoken, *codes} if f"`{word}`" not in told and f'"{word}"' not in told
    } == set()
