"""Alerts as rows, and back."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from crypto_portfolio_analyzer.core.alerts import Alert, Rearm, Severity, Trigger
from crypto_portfolio_analyzer.storage.tables import alerts as table

COLUMNS = [table.columns[name] for name in Alert.__struct_fields__]
"""What `alert_of` wants selected."""

_TRIGGERS = {str(each): each for each in Trigger}
_SEVERITIES = {str(each): each for each in Severity}
_definitions = msgspec.json.Decoder(Alert)
_rearms = msgspec.json.Decoder(Rearm)


def to_json(value: object) -> str:
    """Return JSON text; what is not a number becomes null."""
    return msgspec.json.encode(value).decode()


@lru_cache(maxsize=100_000)  # many alerts have the same symbols, tags and channels; they share one tuple
def texts(json: str) -> tuple[str, ...]:
    """Read a list of texts."""
    return msgspec.json.decode(json, type=tuple[str, ...])


def alert_values(alert: Alert) -> dict[str, Any]:
    """Return an alert's columns, without the number, which the database gives."""
    values = asdict(alert)
    del values["number"]
    for name in ("symbols", "channels", "tags"):
        values[name] = to_json(values[name])
    values["rearm"] = None if alert.rearm is None else to_json(alert.rearm)
    return values


def alert_of(row: Sequence[Any]) -> Alert:
    """Return the alert of a row of COLUMNS."""
    (
        id_, number, owner, name, symbols, condition, timeframe, trigger, cooldown, rearm, fresh, expires_at,
        max_triggers, severity, message, channels, tags, watchlist, enabled, revision, created_at, updated_at, source,
    ) = tuple(row)  # fmt: skip
    return Alert(
        id=id_,
        number=number,
        owner=owner,
        name=name,
        symbols=texts(symbols),
        condition=condition,
        timeframe=timeframe,
        trigger=_TRIGGERS[trigger],
        cooldown=cooldown,
        rearm=None if rearm is None else _rearms.decode(rearm),
        fresh=fresh,
        expires_at=expires_at,
        max_triggers=max_triggers,
        severity=_SEVERITIES[severity],
        message=message,
        channels=texts(channels),
        tags=texts(tags),
        watchlist=watchlist,
        enabled=enabled,
        revision=revision,
        created_at=created_at,
        updated_at=updated_at,
        source=source,
    )


def alert_of_definition(definition: str) -> Alert:
    """Return the alert of a stored revision."""
    return _definitions.decode(definition)


def digest(alerts: Sequence[Alert]) -> str:
    """Return a hash of what was asked for: alike for two requests that ask for the same."""
    asked = [replace(each, id="", number=0, revision=1, created_at=0, updated_at=0) for each in alerts]
    return hashlib.sha256(msgspec.json.encode(asked)).hexdigest()
