"""The query of a request: nothing in it that its route does not know, and no text that cannot be kept."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.requests import HTTPConnection

from crypto_portfolio_analyzer.api.bodies import is_storable
from crypto_portfolio_analyzer.api.problems import SEE_DOCS, Fault, Problem
from crypto_portfolio_analyzer.errors import UnknownName


class Queries:
    """Holds queries against the description of the surface; a misspelt name would else do nothing, silently."""

    def __init__(self, describe: Callable[[], dict[str, Any]]) -> None:
        self._describe = describe
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    async def __call__(self, request: HTTPConnection) -> None:
        """Let the query pass; raises Problem (422)."""
        if request.scope["type"] != "http" or not request.scope["query_string"]:
            return
        self._known = self._known or dict(_names(self._describe()))
        known = self._known.get((request.scope["route"].path, request.scope["method"].lower()))
        if known is None:  # a page, which is not described
            return
        faults = [
            fault
            for name, value in request.query_params.multi_items()
            if (fault := _fault(name, value, known)) is not None
        ]
        if faults:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"{faults[0].path}: {faults[0].problem}",
                remedy=SEE_DOCS,
                errors=[fault.model_dump(exclude_none=True) for fault in faults[:20]],
            )


def _names(document: dict[str, Any]) -> list[tuple[tuple[str, str], frozenset[str]]]:
    return [
        (
            (path, method),
            frozenset(each["name"] for each in told.get("parameters", ()) if each["in"] == "query"),
        )
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def _fault(name: str, value: str, known: frozenset[str]) -> Fault | None:
    path = f"query.{name[:40]}"
    if name not in known:
        return Fault(path=path, problem=str(UnknownName("parameter", name, sorted(known))))
    if not is_storable(value):
        return Fault(path=path, problem="holds a character that no text has", remedy="leave it out")
    return None
