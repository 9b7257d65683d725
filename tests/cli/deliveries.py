"""Channels and deliveries as a server tells them, for tests of what is printed."""

from typing import Any

CHANNEL: dict[str, Any] = {
    "id": "c1c1c1c1c1c1c1c1c1c1c1c1c1",
    "type": "webhook",
    "name": "bot",
    "enabled": True,
    "default": True,
    "options": {"url": "https://example.org/hook", "secret": "•••1f2e", "policy": "trade"},
    "trades": True,
    "ttl_seconds": 60.0,
    "verified": True,
    "disabled_reason": "",
    "failing_since": None,
    "failures": 0,
    "paused_until": None,
    "created_at": "2026-11-20T11:00:00.000Z",
    "updated_at": "2026-11-20T11:00:00.000Z",
}
ATTEMPT: dict[str, Any] = {
    "number": 1,
    "at": "2026-11-20T12:00:00.100Z",
    "took_ms": 38.2,
    "outcome": "failed",
    "status": 503,
    "error": "status",
    "detail": "the other end answered 503",
}
DELIVERY: dict[str, Any] = {
    "id": "f0f0_c1c1",
    "number": 1841,
    "channel": {"id": CHANNEL["id"], "name": "bot", "type": "webhook"},
    "state": "retry_wait",
    "reason": "the other end answered 503",
    "attempts": 2,
    "first_attempt_at": "2026-11-20T12:00:00.100Z",
    "accepted_at": None,
    "next_attempt_at": "2026-11-20T12:00:35.000Z",
    "last_status": 503,
    "unsure": False,
    "kind": "firing",
    "title": "BTC/USDT btc breakout",
    "firing": {"id": "f0f0", "alert_id": "a1f3", "symbol": "BTC/USDT", "price": "65012.4"},
    "stamps": {
        "event_at": "2026-11-20T12:00:00.000Z",
        "received_at": "2026-11-20T12:00:00.018Z",
        "detected_at": "2026-11-20T12:00:00.019Z",
        "stored_at": "2026-11-20T12:00:00.023Z",
        "first_attempt_at": "2026-11-20T12:00:00.100Z",
        "accepted_at": None,
    },
    "created_at": "2026-11-20T12:00:00.023Z",
    "expires_at": None,
    "settled_at": None,
    "answer": "",
    "attempt_log": [ATTEMPT, ATTEMPT | {"number": 2, "at": "2026-11-20T12:00:05.100Z"}],
}


def channel(**fields: Any) -> dict[str, Any]:
    """Return a channel with some fields of its own."""
    return CHANNEL | fields


def delivery(**fields: Any) -> dict[str, Any]:
    """Return a delivery with some fields of its own."""
    return DELIVERY | fields
