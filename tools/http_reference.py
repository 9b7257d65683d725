"""Writes `docs/reference/http.md` from the routes; a test asks whether it is up to date."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from crypto_portfolio_analyzer.api.openapi import describe
from crypto_portfolio_analyzer.api.server import routers

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "http.md"
HEAD = """# HTTP

Written by `tools/http_reference.py` from the routes; as data it is at `/openapi.json`, for the browser at `/docs`.

- Instants are ISO 8601 UTC with milliseconds; prices and quantities in resources are decimal strings with the fewest
  digits that read back as the same number. What a venue does not tell is null.
- Symbols in paths are `BTCUSDT` or `BTC-USDT`, and answered in the spelling asked; `market` is the canonical spelling.
- Errors are `application/problem+json`: `type`, `title`, `status`, `detail`, `instance`, often `remedy`, for unknown
  symbols `nearest`, for unusable values `errors`.
- Credentials are `Authorization: Bearer <token>` or `X-API-Key`; the owner's own token is in `server.json` in the data
  folder, readable by its owner only. A credential that proves nothing is 401, wherever credentials are looked at.
- Changes that name a foreign or `null` `Origin` are refused, those that name none pass (but not with a cookie alone).
- Bodies are JSON in UTF-8: unknown fields, repeated names, `NaN` and numbers beyond 64 bits are refused, as are
  unknown parameters in the address. What cannot be spelled in a path is 404. [Every limit](limits.md).
- Every answer tells its rate: `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset`; 429 says `Retry-After`.
- Who sends `Idempotency-Key` with what makes something makes it once in 24 hours, however often it comes: the same
  request is answered as before (`Idempotency-Replayed`), another one with the key is 422. A secret is told once: a
  repeat of what made one is 409, with what was made and where it is.
- Pages of other origins may ask if the setting `origins` names theirs, exactly; cookies do not travel with that.
"""
ACCESS = {"open": "open to all", "local": "open on this machine, else a login"}


def page() -> str:
    """Return the whole page."""
    found = list(routers())
    app = FastAPI(title="Crypto Analyzer", version="reference")
    for router in found:
        app.include_router(router)
    declared = [route for router in found for route in router.routes if isinstance(route, APIRoute)]
    document = describe(app, declared)
    schemas = document["components"]["schemas"]
    parts = [HEAD]
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            parts.append(_operation(path, method, told, schemas))
    return "\n".join(parts)


def _operation(path: str, method: str, told: dict[str, Any], schemas: dict[str, Any]) -> str:
    lines = [f"## `{method.upper()} {path}`", "", told["description"], "", f"Access: {_access(told)}.", ""]
    parameters = [
        (each["name"], f"{each['in']}, {_type(each['schema'])}", _about(each))
        for each in told.get("parameters", [])
    ]
    lines += _table("parameter", parameters)
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    lines += _table("body", _fields(body, schemas))
    for status, answer in told["responses"].items():
        if status.startswith("2"):
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            lines += _table(f"answer {status}", _fields(schema, schemas)) or [f"Answer {status}.", ""]
    return "\n".join(lines)


def _access(told: dict[str, Any]) -> str:
    if "security" not in told:
        return ACCESS["open"]
    if {} in told["security"]:
        return ACCESS["local"]
    return f"a login, or an API token with `{told['security'][0]['bearer'][0]}`"


def _fields(schema: dict[str, Any] | None, schemas: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = schemas[_name(schema)] if schema and "$ref" in schema else schema or {}
    return [
        (name, _type(field), field.get("description", ""))
        for name, field in found.get("properties", {}).items()
    ]


def _table(head: str, rows: list[tuple[str, str, str]]) -> list[str]:
    if not rows:
        return []
    return [
        f"| {head} | is | says |",
        "|---|---|---|",
        *(f"| `{n}` | {kind} | {about} |" for n, kind, about in rows),
        "",
    ]


def _about(parameter: dict[str, Any]) -> str:
    return str(parameter.get("description") or parameter["schema"].get("description", ""))


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{_type(schema['additionalProperties'])} by name"
    return str(schema.get("format") or schema.get("type", "any"))


if __name__ == "__main__":
    PAGE.write_text(page())
