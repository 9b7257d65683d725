"""The examples of the description: one for every operation, each as its schema says."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI
from jsonschema import Draft202012Validator

from crypto_portfolio_analyzer.api.examples import illustrate, recorded
from crypto_portfolio_analyzer.api.openapi import describe
from crypto_portfolio_analyzer.api.server import routers
from tests.api.test_openapi import routes

HINT = "run tools/http_examples.py"


@cache
def document() -> dict[str, Any]:
    app = FastAPI(title="Crypto Analyzer", version="tested")
    for router in routers():
        app.include_router(router)
    return describe(app, routes())


def operations() -> Iterator[dict[str, Any]]:
    for methods in document()["paths"].values():
        yield from methods.values()


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    """Return what is wrong with a value of a schema of the document."""
    whole = {**schema, "components": document()["components"]}
    return [
        f"{each.json_path}: {each.message[:200]}" for each in Draft202012Validator(whole).iter_errors(value)
    ]


def test_every_operation_has_an_example_of_its_answer() -> None:
    names = {each["operationId"] for each in operations()}
    assert names - set(recorded()) == set(), HINT
    assert set(recorded()) - names == {"problems"}, HINT


def test_every_operation_that_takes_a_body_has_an_example_of_it() -> None:
    bare = [
        each["operationId"]
        for each in operations()
        for content in each.get("requestBody", {}).get("content", {}).values()
        if "example" not in content
    ]
    assert bare == [], HINT


def test_every_parameter_that_is_needed_has_an_example() -> None:
    bare = [
        (each["operationId"], parameter["name"])
        for each in operations()
        for parameter in each.get("parameters", ())
        if parameter["required"] and "example" not in parameter
    ]
    assert bare == [], HINT


def shown(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Yield every example of an operation: where it stands, its schema, and itself."""
    for parameter in operation.get("parameters", ()):
        if "example" in parameter:
            yield parameter["name"], parameter["schema"], parameter["example"]
    answers = {"request": operation.get("requestBody", {}), **operation["responses"]}
    for place, answer in answers.items():
        for content in answer.get("content", {}).values():
            if "example" in content:
                yield place, content.get("schema", {}), content["example"]


def test_every_example_is_as_its_schema_says() -> None:
    examples = [(each["operationId"], *one) for each in operations() for one in shown(each)]
    for name, schema in document()["components"]["schemas"].items():
        examples += [(name, "schema", schema, example) for example in schema.get("examples", ())]
    wrong = {(name, place): faults(schema, value) for name, place, schema, value in examples}

    assert {place: found for place, found in wrong.items() if found} == {}


def test_every_schema_that_an_answer_holds_has_an_example() -> None:
    schemas = document()["components"]["schemas"]
    bare = {name for name, schema in schemas.items() if "examples" not in schema and "enum" not in schema}
    assert bare <= RARE, HINT


RARE = {"CautionView", "FaultView", "GapView", "HoleView"}
"""Schemas of what seldom happens."""


def test_a_value_is_shown_at_every_schema_on_its_way() -> None:
    schemas: dict[str, Any] = {
        "Problem": {},
        "Inner": {"type": "object", "properties": {"value": {"type": "integer"}}},
        "Outer": {
            "properties": {"inner": {"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]}}
        },
    }
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Outer"}}}}
    name = next(iter(recorded()))
    operation = {"operationId": name, "responses": {recorded()[name]["status"]: answer}}
    illustrate({"paths": {"/": {"get": operation}}, "components": {"schemas": schemas}})

    assert answer["content"]["application/json"]["example"] == recorded()[name]["answer"]
    assert schemas["Outer"]["examples"] == [recorded()[name]["answer"]]
