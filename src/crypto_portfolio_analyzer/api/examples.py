"""Examples of the description: real requests with their real answers, recorded by `tools/http_examples.py`.

Each operation shows what was sent and answered; each schema shows the first value of it that such an answer held.
A test holds every example against its schema.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "examples.json"
_SCHEMAS = "#/components/schemas/"
Schema = dict[str, Any]


@cache
def recorded() -> dict[str, Any]:
    """Return what was recorded, by operation."""
    found: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}
    return found


def illustrate(document: dict[str, Any]) -> None:
    """Put the recorded examples into an OpenAPI document."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    for methods in document["paths"].values():
        for operation in methods.values():
            example = recorded().get(operation.get("operationId"))
            if example is not None:
                for schema, value in _placed(operation, example):
                    _spread(schemas, schema, value)
    for problem in recorded().get("problems", ()):
        _spread(schemas, {"$ref": f"{_SCHEMAS}Problem"}, problem)


def _placed(operation: dict[str, Any], example: dict[str, Any]) -> Iterator[tuple[Schema, Any]]:
    """Put one operation's example in its places; yield each schema with its value."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example["parameters"]:
            parameter["example"] = example["parameters"][parameter["name"]]
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if sent is not None and "request" in example:
        sent["example"] = example["request"]
        yield sent["schema"], example["request"]
    for content in operation["responses"].get(example["status"], {}).get("content", {}).values():
        content["example"] = example["answer"]
        yield content.get("schema", {}), example["answer"]


def _spread(schemas: dict[str, Schema], schema: Schema, value: Any) -> None:
    """Show a value at every named schema that it, or a part of it, is of."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].removeprefix(_SCHEMAS)]
        schema.setdefault("examples", [value])
    for variant in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        if value is not None and variant.get("type") != "null":
            _spread(schemas, variant, value)
    for inner_schema, inner in _parts(schema, value):
        _spread(schemas, inner_schema, inner)


def _parts(schema: Schema, value: Any) -> Iterator[tuple[Schema, Any]]:
    """Yield what a value holds, each with its schema."""
    if isinstance(value, dict):
        rest = schema.get("additionalProperties")
        for name, inner in value.items():
            known = schema.get("properties", {}).get(name, rest)
            if isinstance(known, dict):
                yield known, inner
    elif isinstance(value, list):
        for inner in value:
            yield schema.get("items", {}), inner
