"""The JSON Schema of a file of alerts, for editors that complete and check YAML."""

from enum import StrEnum
from typing import Any

from crypto_portfolio_analyzer.core.alerts import Severity, Trigger
from crypto_portfolio_analyzer.engine.alertfiles import MOST_ALERTS, VERSION
from crypto_portfolio_analyzer.engine.drafts import (
    MESSAGE_LENGTH,
    MOST_SYMBOLS,
    MOST_WORDS,
    NAME_LENGTH,
    SUBJECTS,
    WORD_LENGTH,
)

_DURATION = r"^[0-9]+(\.[0-9]+)? ?[smhdw]$"


def alert_file_schema() -> dict[str, Any]:
    """Return the schema, draft 2020-12; it knows fields and forms, the condition itself only `validate` reads."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Alerts as code",
        "type": "object",
        "required": ["version", "alerts"],
        "additionalProperties": False,
        "properties": {
            "version": {"const": VERSION},
            "alerts": {"type": "array", "maxItems": MOST_ALERTS, "items": _alert()},
        },
    }


def _alert() -> dict[str, Any]:
    words = _list(_text(WORD_LENGTH), MOST_WORDS)
    duration = {"anyOf": [{"type": "string", "pattern": _DURATION}, {"type": "number", "minimum": 0}]}
    return {
        "type": "object",
        "required": ["name", "condition"],
        "oneOf": [{"required": [name]} for name in SUBJECTS],
        "additionalProperties": False,
        "properties": {
            "name": _text(NAME_LENGTH) | {"description": "unique per owner"},
            "symbol": {"type": "string", "description": "any spelling; * is every symbol of the venue"},
            "symbols": {"anyOf": [{"const": "*"}, _list({"type": "string"}, MOST_SYMBOLS) | {"minItems": 1}]},
            "watchlist": _text(WORD_LENGTH),
            "condition": {"type": "string", "description": "a sentence of the condition language"},
            "timeframe": {"type": "string", "default": "1m", "pattern": "^[0-9]+[mhdwHDW]$"},
            "trigger": _one_of(Trigger, Trigger.ONCE),
            "cooldown": duration | {"default": "60s"},
            "cooldown_seconds": {"type": "number", "minimum": 0, "default": 60},
            "rearm": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {
                    "level": {"type": "number"},
                    "percent": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
                },
            },
            "expires_at": {"type": "string", "description": "an instant, or a duration from now like 7d"},
            "max_triggers": {"type": "integer", "minimum": 1},
            "severity": _one_of(Severity, Severity.INFO),
            "message": _text(MESSAGE_LENGTH, least=0),
            "channels": words,
            "tags": words,
            "fresh": {"type": "boolean", "default": False, "description": "wait until it becomes true again"},
            "enabled": {"type": "boolean", "default": True},
        },
    }


def _text(longest: int, least: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": least, "maxLength": longest}


def _list(items: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": most}


def _one_of(kind: type[StrEnum], usual: StrEnum) -> dict[str, Any]:
    return {"enum": [str(each) for each in kind], "default": str(usual)}
