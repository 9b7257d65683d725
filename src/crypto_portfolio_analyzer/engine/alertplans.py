"""Plans: what a file of alerts would change in what is stored, field by field, before anything is changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from crypto_portfolio_analyzer.core.alerts import EVERY_SYMBOL, Alert, AlertDraft
from crypto_portfolio_analyzer.engine.alertfiles import SOURCE
from crypto_portfolio_analyzer.engine.drafts import fields_of

_COMPARED = (
    "symbols", "watchlist", "condition", "timeframe", "trigger", "cooldown_seconds", "rearm", "expires_at",
    "max_triggers", "severity", "message", "channels", "tags", "fresh", "enabled",
)  # fmt: skip

Fields = Mapping[str, Any]
"""An alert as `POST /api/alerts` takes it, or as the server tells it."""


class Action(StrEnum):
    """What becomes of one alert."""

    CREATE = "create"
    CHANGE = "change"
    REMOVE = "remove"
    UNCHANGED = "unchanged"
    KEEP = "keep"
    """It is not in the file and was not made by one."""


class Difference(Struct, frozen=True):
    """One field that becomes another."""

    field: str
    old: Any
    new: Any


class Step(Struct, frozen=True, kw_only=True):
    """What becomes of one alert; `stored` and `wanted` are its fields before and after.

    `drifted` says that it was made by a file and changed through another door since.
    """

    action: Action
    name: str
    stored: Fields | None = None
    wanted: Fields | None = None
    differences: tuple[Difference, ...] = ()
    drifted: bool = False


def wanted_fields(draft: AlertDraft, canonical: Callable[[str], str]) -> dict[str, Any]:
    """Return a draft's fields with its symbols as they will be stored."""
    symbols = tuple(
        dict.fromkeys(each if each == EVERY_SYMBOL else canonical(each) for each in draft.symbols)
    )
    return fields_of(Alert(id="", number=0, owner="", **(asdict(draft) | {"symbols": symbols})))


def plan(wanted: Iterable[Fields], stored: Sequence[Fields], *, prune: bool = False) -> list[Step]:
    """Return a step for each alert, those of the file first and in its order.

    What a file made and the file no longer holds is removed; what came through another door is kept, unless
    `prune`.
    """
    by_name = {each["name"]: each for each in stored}
    steps = [_step(fields, by_name.pop(fields["name"], None)) for fields in wanted]
    for fields in by_name.values():
        goes = prune or fields.get("source") == SOURCE
        steps.append(Step(action=Action.REMOVE if goes else Action.KEEP, name=fields["name"], stored=fields))
    return steps


def _step(wanted: Fields, stored: Fields | None) -> Step:
    if stored is None:
        return Step(action=Action.CREATE, name=wanted["name"], wanted=wanted)
    old, new = comparable(stored), comparable(wanted)
    differences = tuple(
        Difference(name, old[name], new[name]) for name in _COMPARED if old[name] != new[name]
    )
    return Step(
        action=Action.CHANGE if differences else Action.UNCHANGED,
        name=wanted["name"],
        stored=stored,
        wanted=wanted,
        differences=differences,
        drifted=bool(differences) and stored.get("source") != SOURCE and stored.get("revision", 1) > 1,
    )


def comparable(fields: Fields) -> dict[str, Any]:
    """Return the fields in one form, whoever wrote them."""
    symbols = fields.get("symbols") or ([fields["symbol"]] if fields.get("symbol") else [])
    watchlist = fields.get("watchlist")
    told = {name: fields.get(name) for name in _COMPARED}
    return told | {
        "symbols": [] if watchlist else list(symbols),
        "cooldown_seconds": float(fields.get("cooldown_seconds") or 0),
        "rearm": {
            name: float(value) for name, value in (fields.get("rearm") or {}).items() if value is not None
        },
        "expires_at": _instant(fields.get("expires_at")),
        "message": fields.get("message") or "",
        "channels": list(fields.get("channels") or ()),
        "tags": list(fields.get("tags") or ()),
    }


def _instant(text: object) -> str | None:
    """Return an instant to the millisecond, as the server tells it."""
    if not isinstance(text, str):
        return None
    return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="milliseconds")
