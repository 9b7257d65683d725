"""The part of the HTTP surface that an assistant gets as its actions: few operations, named and told for it.

An action takes OpenAPI 3.1 with at most 30 operations, descriptions of at most 300 characters, one server, one
credential, and no headers of its own (platform.openai.com/docs/actions).
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

TITLE = "Crypto Analyzer for assistants"
ABOUT = (
    "Live crypto prices, candles, and alerts that tell a person when a condition becomes true. It does not trade. "
    "Check conditions with validateCondition and ask the person before you create, pause or delete anything."
)
MOST_OPERATIONS = 30
MOST_LETTERS = 300
_SCHEMAS = "#/components/schemas/"
_ASK = "Ask the person first."

Operation = tuple[str, str]
"""Its name, and what an assistant must know beyond what everybody is told of it."""

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("get", "/api/symbols"): ("searchSymbols", "Give `q`, say BTC, to search."),
    ("get", "/api/market/{symbol}"): ("getPrice", "Say how old it is; warn if it is stale or simulated."),
    ("get", "/api/market/{symbol}/bars"): ("getBars", "These are candles."),
    ("post", "/api/alerts/validate"): (
        "validateCondition",
        "Like `price crosses above 65000` or `rsi(14) < 30`.",
    ),
    ("post", "/api/alerts/backtest"): ("backtestCondition", ""),
    ("get", "/api/alerts"): ("listAlerts", ""),
    ("post", "/api/alerts"): ("createAlert", "Needs name, symbol and condition. " + _ASK),
    ("get", "/api/alerts/{alert_id}/explain"): ("explainAlert", ""),
    ("post", "/api/alerts/{alert_id}/pause"): ("pauseAlert", _ASK),
    ("post", "/api/alerts/{alert_id}/resume"): ("resumeAlert", ""),
    ("delete", "/api/alerts/{alert_id}"): ("deleteAlert", _ASK),
    ("get", "/api/firings"): ("listFirings", ""),
    ("get", "/api/portfolio"): ("getPortfolio", ""),
    ("post", "/gpt-alerts/price-above"): ("alertWhenPriceAbove", _ASK),
    ("post", "/gpt-alerts/price-below"): ("alertWhenPriceBelow", _ASK),
    ("post", "/gpt-alerts/breakout"): ("alertWhenPriceBreaksOut", _ASK),
    ("get", "/gpt-alerts/stats"): ("countAlerts", ""),
    ("post", "/gpt-alerts/test-system"): ("testSystem", ""),
}
_LOOKING = frozenset({"validateCondition", "backtestCondition", "testSystem"})
"""Posts that change nothing."""


def described_for_assistants(whole: Mapping[str, Any], server: str) -> dict[str, Any]:
    """Return the description of these operations, cut out of the whole one, at the address `server`."""
    paths: dict[str, dict[str, Any]] = {}
    for (method, path), (name, hint) in OPERATIONS.items():
        paths.setdefault(path, {})[method] = _told(whole["paths"][path][method], method, name, hint)
    components = whole["components"]
    return {
        "openapi": whole["openapi"],
        "info": {"title": TITLE, "version": whole["info"]["version"], "description": ABOUT},
        "servers": [{"url": server}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": components["securitySchemes"]["bearer"]},
            "schemas": dict(_needed(paths, components["schemas"])),
        },
    }


def _told(operation: Mapping[str, Any], method: str, name: str, hint: str) -> dict[str, Any]:
    kept = {key: deepcopy(operation[key]) for key in ("summary", "requestBody") if key in operation}
    asked = [each for each in operation.get("parameters", ()) if each["in"] != "header"]
    told = {code: _bare(answer) for code, answer in operation["responses"].items()}
    answers = {code: answer for code, answer in told.items() if code.startswith("2")}
    changes = method != "get" and name not in _LOOKING
    return kept | {
        "operationId": name,
        "description": f"{operation['description']} {hint}".strip(),
        "parameters": asked,
        "responses": answers | {"default": told["default"]},
        "x-openai-isConsequential": changes,
    }


def _needed(part: Any, schemas: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the schemas that a part of the description refers to, and those that these refer to."""
    found: dict[str, Any] = {}
    waiting = [part]
    while waiting:
        for name in _references(waiting.pop()):
            if name not in found:
                found[name] = schemas[name]
                waiting.append(schemas[name])
    yield from sorted(found.items())


def _references(part: Any) -> Iterator[str]:
    """Yield the names of the schemas that stand in a part of a description."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix(_SCHEMAS)
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _bare(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer without its headers, which no action sees."""
    return {key: value for key, value in answer.items() if key != "headers"}
