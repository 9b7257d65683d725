"""The description of the HTTP surface: what FastAPI knows, plus credentials, problems, rates and examples."""

from collections import Counter
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from crypto_portfolio_analyzer.api.auth import COOKIE, Requires
from crypto_portfolio_analyzer.api.examples import illustrate
from crypto_portfolio_analyzer.api.identity import Policy
from crypto_portfolio_analyzer.api.problems import MEDIA_TYPE, ProblemBody

ABOUT = (
    "Prices, alerts and how they are told. Instants are ISO 8601 UTC; prices in resources are decimal strings; "
    "errors are `application/problem+json`. Every answer tells the rate its request was counted in. The live "
    "rooms at `/ws` are described by `/asyncapi.json`."
)
TAGS = {
    "alerts": "Conditions over prices, what fired, watchlists and silences; for assistants, `/gpt-alerts`.",
    "audit": "Who did what, in a chain that shows every change to it.",
    "auth": "Logins, sessions, API tokens, the second factor and preferences.",
    "channels": "Whom alerts are told to, and how.",
    "delivery": "What became of every firing, bots, and addresses that take signals in.",
    "market": "Prices, bars and indicators, and which symbols are watched; `/live-alerts` streams by hand.",
    "operation": "Whether the server is well, and its numbers.",
    "portfolio": "What one holds, and what it is worth.",
    "users": "Accounts, for administrators.",
}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT or API token"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}
_SCOPES = {Policy.LOCAL: "{}:read", Policy.READ: "{}:read", Policy.CHANGE: "{}:write", Policy.ADMIN: "admin"}
_USUAL = {
    HTTPStatus.BAD_REQUEST: "The request cannot be read",
    HTTPStatus.NOT_FOUND: "No such thing",
    HTTPStatus.UNPROCESSABLE_ENTITY: "A value cannot be used",
}
_GUARDED = {HTTPStatus.UNAUTHORIZED: "Not logged in", HTTPStatus.FORBIDDEN: "Not allowed"}
_SENT = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The body is too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The body is not JSON",
}
_PROBLEM = "#/components/schemas/Problem"
_WHOLE = {"type": "integer", "minimum": 0}
HEADERS = {
    "RateLimit-Limit": {"description": "requests a minute", "schema": _WHOLE},
    "RateLimit-Remaining": {"description": "requests left of them", "schema": _WHOLE},
    "RateLimit-Reset": {"description": "seconds until all are there again", "schema": _WHOLE},
    "Retry-After": {"description": "seconds to wait", "schema": _WHOLE},
    "Idempotency-Replayed": {
        "description": "`true`: nothing was made, this was answered before",
        "schema": {"const": "true"},
    },
}
"""Response headers that operations share; rates are not told to the machine's owner, who has none."""


def policy_of(route: APIRoute) -> Policy | None:
    """Return the policy a route declares; None if it forgot to."""
    found = [each.call.policy for each in route.dependant.dependencies if isinstance(each.call, Requires)]
    return found[-1] if found else None


def describe(app: FastAPI, routes: Sequence[APIRoute]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `app`."""
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=ABOUT,
        routes=app.routes,
        tags=[{"name": name, "description": about} for name, about in TAGS.items()],
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}), Problem=problem)
    components["securitySchemes"], components["headers"] = SCHEMES, HEADERS
    for (path, method), (route, name) in _operations(routes).items():
        operation = document["paths"].get(path, {}).get(method)
        if operation is not None:
            operation["operationId"] = name
            _complete(operation, policy_of(route))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    illustrate(document)
    return document


def _operations(routes: Iterable[APIRoute]) -> dict[tuple[str, str], tuple[APIRoute, str]]:
    """Return each route with the name of its operation: of its file and function, so that it lasts."""
    found = {(route.path, method.lower()): route for route in routes for method in route.methods or ()}
    names = {place: f"{_file_of(route)}_{route.name}" for place, route in found.items()}
    count = Counter(names.values())
    return {
        place: (route, names[place] if count[names[place]] == 1 else f"{names[place]}_{place[1]}")
        for place, route in found.items()
    }


def _file_of(route: APIRoute) -> str:
    return str(route.endpoint.__module__).rpartition(".")[2]


def _complete(operation: dict[str, Any], policy: Policy | None) -> None:
    told = dict(_USUAL)
    area = (operation.get("tags") or [""])[0]
    if policy is not None and policy is not Policy.OPEN:
        scope = _SCOPES[policy].format(area)
        operation["security"] = [
            *({name: [scope]} for name in SCHEMES),
            *([{}] if policy is Policy.LOCAL else []),
        ]
        told.update(_GUARDED)
    if "requestBody" in operation:
        told.update(_SENT)
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in list(HEADERS)[:3]}
    replayed = {name: {"$ref": f"#/components/headers/{name}"} for name in ("Idempotency-Replayed",)}
    if _takes_keys(operation):
        told[HTTPStatus.CONFLICT] = "It was made before, and told a secret then; or it is being made"
    responses = operation["responses"]
    for status, answer in responses.items():
        if status.startswith("2"):
            answer["headers"] = headers | (replayed if _takes_keys(operation) else {})
    for status, about in told.items():
        responses[str(int(status))] = _problem(about, headers)
    waiting = headers | {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    responses[str(int(HTTPStatus.TOO_MANY_REQUESTS))] = _problem("Asked too often", waiting)
    responses["default"] = _problem("Any other problem", headers)


def _takes_keys(operation: dict[str, Any]) -> bool:
    return any(each["name"].lower() == "idempotency-key" for each in operation.get("parameters", ()))


def _problem(about: str, headers: dict[str, Any]) -> dict[str, Any]:
    return {
        "description": about,
        "headers": headers,
        "content": {MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}},
    }
