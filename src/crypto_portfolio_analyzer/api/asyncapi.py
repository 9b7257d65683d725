"""The description of `/ws` as AsyncAPI 3.0: rooms, what clients may say, what they hear, and every error.

Shapes come from the structs that read and build the messages; a test holds live frames against the document.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from crypto_portfolio_analyzer.api.alert_schemas import FiringView
from crypto_portfolio_analyzer.api.auth import COOKIE
from crypto_portfolio_analyzer.api.dialogue import MOST_FORMS, MOST_WISHES, Details
from crypto_portfolio_analyzer.api.live import DURABLE, ROOMS
from crypto_portfolio_analyzer.api.prices import FASTEST_HZ, PriceData
from crypto_portfolio_analyzer.streaming.views import FeedView, WatchView

REF = "#/components/schemas/"
ABOUT = (
    "Live prices, alerts and portfolio. One JSON object per frame; every message of the server is "
    "`{type, data, timestamp}`, those of durable rooms are numbered by `seq`. A mistake earns an `error`, never a cut."
)
HEARD = {
    "join_room": "Join a room; for `prices` everything that is watched.",
    "subscribe": "Join a room, with options in `data`.",
    "leave_room": "Leave a room.",
    "unsubscribe": "Leave a room, or only some of its symbols.",
    "resume": "Join a durable room and hear first what was missed after `after`.",
    "ping": "Ask for a heartbeat.",
}
"""What clients may say."""
TOLD = {
    "price_update": f"A new price, at most {FASTEST_HZ:g} times a second for each symbol.",
    "batch": "Several prices in one frame, for subscriptions with `batch`.",
    "portfolio_update": "The own portfolio's value, when it has changed.",
    "alert": "A firing of one's own alerts, in order and without holes.",
    "token_update": "News of a token; nothing yet.",
    "prediction": "A prediction; nothing yet.",
    "status": "An answer, or the state of the system.",
    "heartbeat": "The server lives; every 30 s, and when asked.",
    "error": "Why a message was not followed; the connection stays.",
}
"""What the server says."""
CODES = {
    "bad_json": "the message is not JSON",
    "bad_message": "the message has a field that cannot be used",
    "no_room": "the message names no room",
    "not_durable": "the room keeps no history to resume from",
    "not_watched": "without a login only what is watched can be subscribed to",
    "rate_limited": "too many messages a second; they are not read",
    "too_many": f"more than {MOST_FORMS} subscriptions, or {MOST_WISHES} symbols that nobody else watches",
    "unauthorised": "the room needs a login",
    "unavailable": "the history cannot be read now; resume again later",
    "unknown_room": "there is no such room",
    "unknown_symbol": "the text names no market",
    "unknown_type": "there is no such message",
}
"""Every error code."""
Schema = dict[str, Any]


def describe(version: str) -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document."""
    messages = {name: _message(name, about) for name, about in (HEARD | TOLD).items()}
    refs = {name: {"$ref": f"#/components/messages/{name}"} for name in messages}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Crypto Analyzer, live", "version": version, "description": ABOUT},
        "defaultContentType": "application/json",
        "channels": {
            "live": {
                "address": "/ws",
                "description": _rooms(),
                "messages": refs,
                "bindings": {"ws": {"query": _TICKET}},
            }
        },
        "operations": {
            "hear": _operation("receive", "What a client may say.", HEARD),
            "tell": _operation("send", "What the server says.", TOLD),
        },
        "components": {"messages": messages, "schemas": _schemas(), "securitySchemes": _SECURITY},
    }


_TICKET: Schema = {
    "type": "object",
    "properties": {"ticket": {"type": "string", "description": "from `POST /api/auth/ws-ticket`; used once"}},
}
_SECURITY: Schema = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT or API token"},
    "apiKey": {"type": "httpApiKey", "in": "header", "name": "X-API-Key"},
    "ticket": {"type": "httpApiKey", "in": "query", "name": "ticket"},
}


def _rooms() -> str:
    told = [
        f"`{room}` ({policy.value}{', durable' if room in DURABLE else ''})" for room, policy in ROOMS.items()
    ]
    return f"Rooms and who may join them: {', '.join(told)}. Cookies (`{COOKIE}`) let nobody in here."


def _operation(action: str, summary: str, names: Mapping[str, str]) -> Schema:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in names],
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SECURITY],
    }


def _message(name: str, about: str) -> Schema:
    payload = _said(name) if name in HEARD else _envelope(name)
    return {"name": name, "title": name, "summary": about, "payload": payload}


def _said(name: str) -> Schema:
    """Return the schema of what a client says; the room stands at the top or in `data`."""
    properties: Schema = {
        "type": {"const": name},
        "room": {"enum": list(ROOMS)},
        "data": {"$ref": f"{REF}Details"},
    }
    if name == "resume":
        properties["after"] = {"type": "integer", "minimum": 0}
    return {"type": "object", "properties": properties, "required": ["type"]}


def _envelope(name: str) -> Schema:
    properties: Schema = {
        "type": {"const": name},
        "data": _DATA[name],
        "timestamp": {"type": "string", "format": "date-time"},
    }
    required = ["type", "data", "timestamp"]
    if name == "alert":
        properties["seq"] = {"type": "integer", "minimum": 1}
        required.append("seq")
    if name == "batch":
        properties["snapshot"] = {"const": True, "description": "every price once, on joining"}
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _closed(properties: Schema, *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_FLAG: Schema = {"type": "boolean"}
_ROOM: Schema = {"enum": list(ROOMS)}
_MAYBE: Schema = {"type": ["number", "null"]}
_HOLDING = _closed({"symbol": _TEXT, "amount": _NUMBER, "value": _MAYBE, "change_24h": _MAYBE})
_NOW: Schema = {"server_time": {"type": "string", "format": "date-time"}, "build": _TEXT}
_STATUS: Schema = {
    "connected": _closed(
        {
            "status": {"const": "connected"},
            "client_id": _TEXT,
            "rooms": {"type": "array", "items": _ROOM},
            **_NOW,
        }
    ),
    "joined": _closed(
        {"room": _ROOM, "joined": _FLAG, "symbols": {"type": "array", "items": _TEXT}}, "symbols"
    ),
    "resumed": _closed({"room": _ROOM, "resumed_to": {"type": "integer"}, "gap": _FLAG}),
    "system": _closed(
        {
            "room": {"const": "system"},
            "connected_clients": {"type": "integer"},
            "status": {"enum": ["running", "degraded"]},
            "verdict": _TEXT,
            "feeds": {"type": "array", "items": {"$ref": f"{REF}FeedView"}},
            "watches": {"type": "object", "additionalProperties": {"type": "integer"}},
            "troubled": {"type": "array", "items": {"$ref": f"{REF}WatchView"}},
            "simulated": _FLAG,
            "server_time": _NOW["server_time"],
        }
    ),
}
_DATA: dict[str, Schema] = {
    "price_update": {"$ref": f"{REF}PriceData"},
    "batch": {"type": "array", "items": {"$ref": f"{REF}price_update"}},
    "portfolio_update": _closed(
        {
            "total_value": _NUMBER,
            "total_change_24h": _NUMBER,
            "total_change_percent_24h": _MAYBE,
            "is_complete": _FLAG,
            "holdings": {"type": "array", "items": _HOLDING},
            "stale": _FLAG,
            "simulated": _FLAG,
        }
    ),
    "alert": {"$ref": f"{REF}Firing"},
    "token_update": {"type": "object"},
    "prediction": {"type": "object"},
    "status": {"anyOf": list(_STATUS.values())},
    "heartbeat": _closed(_NOW),
    "error": _closed(
        {
            "code": {
                "enum": list(CODES),
                "description": "; ".join(f"`{code}`: {why}" for code, why in CODES.items()),
            },
            "message": _TEXT,
        }
    ),
}


def _schemas() -> dict[str, Schema]:
    _, found = msgspec.json.schema_components(
        [Details, PriceData, FeedView, WatchView], ref_template=REF + "{name}"
    )
    schemas = dict(found)
    max_hz = schemas["Details"]["properties"]["max_hz"]
    max_hz |= {"description": f"0.01 to {FASTEST_HZ:g}"}
    firing = FiringView.model_json_schema(ref_template=REF + "{model}")
    schemas |= firing.pop("$defs")
    for unsaid in ("deliveries", "seen_at", "seen_by"):  # asked for by HTTP
        del firing["properties"][unsaid]
    firing["properties"]["price"] = _MAYBE
    firing["required"] = list(firing["properties"])
    return schemas | {"Firing": firing, "price_update": _envelope("price_update")}
