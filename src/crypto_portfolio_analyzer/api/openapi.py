"""The description of the HTTP surface: what FastAPI knows, plus credentials and problems."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from crypto_portfolio_analyzer.api.auth import COOKIE, Requires
from crypto_portfolio_analyzer.api.identity import Policy
from crypto_portfolio_analyzer.api.problems import MEDIA_TYPE, ProblemBody

ABOUT = (
    "Live prices, bars and the health of their feeds. Instants are ISO 8601 UTC; prices in resources are "
    "decimal strings; errors are `application/problem+json`. `/ws` is described in the reference."
)
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT or API token"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}
_USUAL = {HTTPStatus.UNPROCESSABLE_ENTITY: "A value cannot be used", HTTPStatus.NOT_FOUND: "No such thing"}
_GUARDED = {HTTPStatus.UNAUTHORIZED: "Not logged in", HTTPStatus.FORBIDDEN: "Not allowed"}
_PROBLEM = "#/components/schemas/Problem"


def policy_of(route: APIRoute) -> Policy | None:
    """Return the policy a route declares; None if it forgot to."""
    found = [each.call.policy for each in route.dependant.dependencies if isinstance(each.call, Requires)]
    return found[-1] if found else None


def describe(app: FastAPI, routes: Iterable[APIRoute]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of `app`."""
    document = get_openapi(
        title=app.title, version=app.version, openapi_version="3.1.0", description=ABOUT, routes=app.routes
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    document["components"]["securitySchemes"] = SCHEMES
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"].get(route.path, {}).get(method.lower())
            if operation is not None:
                _complete(operation, policy_of(route))
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _complete(operation: dict[str, Any], policy: Policy | None) -> None:
    told = dict(_USUAL)
    if policy is not Policy.OPEN:
        operation["security"] = [{name: []} for name in SCHEMES] + ([{}] if policy is Policy.LOCAL else [])
        told.update(_GUARDED)
    responses = operation["responses"]
    for status, about in told.items():
        responses[str(int(status))] = _problem(about)
    responses["default"] = _problem("Any other problem")


def _problem(about: str) -> dict[str, Any]:
    return {"description": about, "content": {MEDIA_TYPE: {"schema": {"$ref": _PROBLEM}}}}
