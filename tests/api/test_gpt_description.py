"""What an assistant gets as its actions: within the limits of actions, and true of the server."""

import json
import re

import jsonschema_rs
import pytest

from crypto_portfolio_analyzer.api.gpt_description import MOST_LETTERS, MOST_OPERATIONS, OPERATIONS

PATH = "/gpt-alerts/openapi.json"


@pytest.fixture
async def document(house):
    async with house.client() as anybody:
        answer = await anybody.get(PATH)
    assert answer.status_code == 200
    return answer.json()


def operations(document):
    return [told for methods in document["paths"].values() for told in methods.values()]


async def test_it_keeps_within_the_limits_of_actions(document, house):
    found = operations(document)

    assert len(found) == len(OPERATIONS) <= MOST_OPERATIONS
    assert len({each["operationId"] for each in found}) == len(found)
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", each["operationId"]) for each in found)
    assert all(0 < len(each["description"]) <= MOST_LETTERS for each in found)
    assert len(document["info"]["description"]) <= MOST_LETTERS
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": house.url}]
    assert document["security"] == [{"bearer": []}]
    assert list(document["components"]["securitySchemes"]) == ["bearer"]


async def test_no_operation_asks_for_headers_or_an_undescribed_value(document):
    for told in operations(document):
        for each in told["parameters"]:
            assert each["in"] in ("path", "query")
            assert len(each.get("description", "")) <= MOST_LETTERS


async def test_every_reference_leads_somewhere_and_nothing_else_is_told(document):
    text = json.dumps(document)
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', text))

    assert named == set(document["components"]["schemas"])
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


async def test_what_changes_something_is_asked_about(document):
    asked = {each["operationId"] for each in operations(document) if each["x-openai-isConsequential"]}

    assert {"createAlert", "deleteAlert", "pauseAlert", "alertWhenPriceAbove"} <= asked
    assert not asked & {"getPrice", "validateCondition", "backtestCondition", "listFirings"}


async def test_every_operation_exists_as_described(document, house):
    async with house.client() as anybody:
        for path, methods in document["paths"].items():
            for method in methods:
                answer = await anybody.request(method, re.sub(r"\{\w+\}", "BTCUSDT", path))
                assert answer.status_code == 401, (method, path)
