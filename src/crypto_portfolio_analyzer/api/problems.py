"""Errors as `application/problem+json` (RFC 9457): what, which value, what would be right."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from secrets import token_hex
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from crypto_portfolio_analyzer.api.headers import HEADERS
from crypto_portfolio_analyzer.errors import (
    AnalyzerError,
    InvalidCondition,
    InvalidFields,
    InvalidInput,
    InvalidSymbol,
    NotFound,
)

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
SEE_DOCS = "see /docs for what is served, and how"
SECRET_BEHIND = "/hooks/"  # noqa: S105  # where secrets are, not one


class Fault(BaseModel):
    """One value of a request that cannot be used; `start` and `end` (exclusive) count from 0 in a condition."""

    path: str
    problem: str
    remedy: str = ""
    start: int | None = None
    end: int | None = None
    fix: str | None = Field(default=None, description="a whole condition that would be right")


class ProblemBody(BaseModel):
    """Why a request was not served."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:crypto-analyzer:not-found"])
    title: str
    status: int
    detail: str
    instance: str
    remedy: str | None = None
    errors: list[Fault] | None = None


class Problem(AnalyzerError):
    """A refusal with its HTTP status; `more` joins the body."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        remedy: str = "",
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(status, detail)
        self.status, self.detail, self.headers = status, detail, headers
        self.more = {"remedy": remedy, **more} if remedy else more

    def __str__(self) -> str:
        return self.detail


def answer(
    path: str, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return the response that tells a problem."""
    try:
        title = HTTPStatus(status).phrase
    except ValueError:
        title = "Error"
    body = {
        "type": f"urn:crypto-analyzer:{title.lower().replace(' ', '-')}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
        **more,
    }
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def shown_path(path: str) -> str:
    """Return the path of a request as logs and answers may hold it: of a hook, whose path lets in, only where it is."""
    return f"{SECRET_BEHIND}•••" if path.startswith(SECRET_BEHIND) else path


def rate_headers(scope: Scope) -> dict[str, str]:
    """Return what an answer tells of the rate its request was counted in."""
    rate = scope.get("state", {}).get("rate")
    return {} if rate is None else dict(rate.headers())


def faults_of(error: InvalidInput) -> list[Fault]:
    """Return the values an error complains of, where it names them."""
    if isinstance(error, InvalidFields):
        return [Fault(path=each.path, problem=each.problem, remedy=each.remedy) for each in error.faults]
    if isinstance(error, InvalidCondition):
        return [
            Fault(path="condition", problem=error.problem, start=error.start, end=error.end, fix=error.fix)
        ]
    if isinstance(error, InvalidSymbol):
        return [Fault(path="symbol", problem=f"{error.text[:40]!r} is not a symbol", remedy=error.remedy)]
    return []


def install(app: FastAPI) -> None:
    """Let every error of `app` leave as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(AnalyzerError, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return answer(shown_path(request.url.path), error.status, error.detail, error.headers, **error.more)


async def _on_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, AnalyzerError)
    if isinstance(error, NotFound):
        return answer(
            shown_path(request.url.path),
            HTTPStatus.NOT_FOUND,
            str(error),
            remedy="list what there is, then ask for one of it",
        )
    if isinstance(error, InvalidSymbol) and error.text in request.path_params.values():
        return answer(shown_path(request.url.path), HTTPStatus.NOT_FOUND, str(error), remedy=error.remedy)
    if isinstance(error, InvalidInput):
        told = [fault.model_dump(exclude_none=True) for fault in faults_of(error)]
        more: dict[str, Any] = {"errors": told} if told else {}
        more["remedy"] = next((fault["remedy"] for fault in told if fault.get("remedy")), SEE_DOCS)
        return answer(shown_path(request.url.path), HTTPStatus.UNPROCESSABLE_ENTITY, str(error), **more)
    logger.warning("request failed", extra={"path": shown_path(request.url.path), "reason": str(error)})
    return answer(
        shown_path(request.url.path),
        HTTPStatus.SERVICE_UNAVAILABLE,
        "something this answer needs cannot be reached",
        {"Retry-After": "5"},
        remedy="look at /ready, then try again",
    )


async def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    faults = [
        {"path": ".".join(str(part) for part in fault["loc"]), "problem": str(fault["msg"])}
        for fault in error.errors()[:20]
    ]
    first = f"{faults[0]['path']}: {faults[0]['problem']}" if faults else "the request cannot be read"
    path, places = shown_path(request.url.path), {fault["loc"][0] for fault in error.errors() if fault["loc"]}
    if "path" in places:  # whoever cannot be spelled does not exist
        return answer(path, HTTPStatus.NOT_FOUND, first, remedy=SEE_DOCS, errors=faults)
    if "body" in places and isinstance(error.body, bytes) and error.body:
        kind = request.headers.get("content-type", "nothing")[:80]
        return answer(
            path,
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the body says it is {kind!r}, and must be JSON",
            remedy="send `Content-Type: application/json`",
        )
    return answer(path, HTTPStatus.UNPROCESSABLE_ENTITY, first, remedy=SEE_DOCS, errors=faults)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail, headers = str(error.detail), error.headers
    if error.status_code == HTTPStatus.NOT_FOUND:
        detail = f"nothing is served at {shown_path(request.url.path)[:80]}"
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method[:20]} is not served here"
        headers = {"Allow": ", ".join(sorted(_methods_of(request)))}
    return answer(shown_path(request.url.path), error.status_code, detail, headers, remedy=SEE_DOCS)


def _methods_of(request: Request) -> set[str]:
    """Return the methods of every route at the address of a request."""
    matching = (each for each in request.app.routes if each.matches(request.scope)[0] is not Match.NONE)
    return {method for each in matching for method in getattr(each, "methods", None) or ()}


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    code = token_hex(4)
    logger.error(
        "a request met a bug", exc_info=error, extra={"path": shown_path(request.url.path), "code": code}
    )
    return answer(
        shown_path(request.url.path),
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "the server met a fault of its own",
        HEADERS | rate_headers(request.scope),
        remedy="look for the code in the log",
        code=code,
    )
